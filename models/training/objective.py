"""Loss of a stage."""

import keras
import numpy as np

from models.network.branches.training_loss import training_loss
from models.network.class_weights import class_weights
from models.network.losses.factory import make_loss
from models.network.losses.implied_prior import logit_shift
from models.network.losses.with_contrastive import WithContrastive
from models.settings import LossSettings, ModelSettings
from models.training.callbacks.deferred_weighting import DeferredWeighting, SwitchWeighting
from models.training.plan import Stage


def stage_objective(
    loss: LossSettings, model: ModelSettings, class_counts: np.ndarray, stage: Stage, first_epoch: int
) -> tuple[keras.losses.Loss, list[keras.callbacks.Callback]]:
    """Makes the loss that a stage minimises.

    Args:
        loss: The experiment's loss.
        model: The experiment's network, whose branches the loss has to fit.
        class_counts: Records of each class that the stage learns from, `(num_classes,)`, each above 0.
        stage: The stage. Where its records are drawn of every class alike, the loss is given equal counts:
            what corrects for the prior would otherwise do so a second time. Its features are learnt, and
            the contrastive loss is left out.
        first_epoch: The stage's first epoch as Keras counts it.

    Returns:
        A loss of the network's answers, and the callbacks that it needs: one where class weights set in
        later.
    """
    counts = np.full(len(class_counts), np.mean(class_counts)) if stage.balanced else class_counts
    shift, weights = logit_shift(loss, counts), class_weights(counts, loss.class_weights, loss.beta)
    unweighted = make_loss(loss.model_copy(update={"class_weights": "none"}), counts)

    def finished(of_logits: keras.losses.Loss, weights: np.ndarray | None) -> keras.losses.Loss:
        of_branches = training_loss(of_logits, model, class_counts, shift, weights)
        if not loss.contrastive or stage.balanced:
            return of_branches
        return WithContrastive(of_branches, len(class_counts), loss.contrastive, loss.contrastive_temperature)

    if stage.class_weights_from is None:
        return finished(unweighted, None), []
    weighted = make_loss(loss, counts)
    if not stage.class_weights_from:
        return finished(weighted, weights), []
    deferred = DeferredWeighting(finished(unweighted, None), finished(weighted, weights))
    return deferred, [SwitchWeighting(deferred, first_epoch + stage.class_weights_from)]
