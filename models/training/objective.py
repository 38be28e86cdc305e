"""The loss of a stage."""

import keras
import numpy as np

from models.network.branches.training_loss import training_loss
from models.network.losses import make_loss
from models.settings import LossSettings, ModelSettings
from models.training.deferred_weighting import DeferredWeighting, SwitchWeighting
from models.training.plan import Stage


def stage_objective(
    loss: LossSettings, model: ModelSettings, class_counts: np.ndarray, stage: Stage, first_epoch: int
) -> tuple[keras.losses.Loss, list[keras.callbacks.Callback]]:
    """Makes the loss that a stage minimises.

    Args:
        loss: The experiment's loss.
        model: The experiment's network, whose branches the loss has to fit.
        class_counts: Training records of each class, `(num_classes,)`, each above 0.
        stage: The stage. Where its records are drawn of every class alike, the loss is given equal counts:
            what corrects for the prior would otherwise do so a second time.
        first_epoch: The stage's first epoch as Keras counts it.

    Returns:
        A loss of the network's answers, and the callbacks that it needs: one where class weights set in
        later.
    """
    counts = np.full(len(class_counts), np.mean(class_counts)) if stage.balanced else class_counts
    unweighted = make_loss(loss.model_copy(update={"class_weights": "none"}), counts)
    if stage.class_weights_from is None:
        return training_loss(unweighted, model, class_counts), []
    weighted = make_loss(loss, counts)
    if not stage.class_weights_from:
        return training_loss(weighted, model, class_counts), []
    deferred = DeferredWeighting(unweighted, weighted)
    switch = SwitchWeighting(deferred, first_epoch + stage.class_weights_from)
    return training_loss(deferred, model, class_counts), [switch]
