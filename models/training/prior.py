"""Class shares that the network assumes after a stage."""

import numpy as np

from models.catalogue.branches import BRANCHES
from models.catalogue.row import row_of
from models.input.sampling import class_probabilities
from models.network.losses.implied_prior import implied_prior
from models.settings import LossSettings, ModelSettings
from models.training.plan import Stage


def prior_after(
    stage: Stage, epoch: int, loss: LossSettings, model: ModelSettings, class_counts: np.ndarray
) -> np.ndarray:
    """Computes the class prior that the softmax of the logits assumes.

    What `implied_prior` says of the loss, times how much more often than natural each class was drawn. Where
    two branches' logits are averaged, one of records as they occur and one of reversed ones, the two priors
    cancel. Like that of many losses, this is then the nearest there is: see `implied_prior`.

    Args:
        stage: The stage that trained the network.
        epoch: The epoch of it whose weights were kept, counted from 1.
        loss: The experiment's loss.
        model: The experiment's network.
        class_counts: Records of each class that the stage learnt from, synthetic embeddings included,
            `(num_classes,)`, each above 0.

    Returns:
        Shares, float64 `(num_classes,)`, each above 0, sum 1.
    """
    counts = np.asarray(class_counts, np.float64)
    if stage.balanced or row_of(BRANCHES, model.branches).draws_pairs:
        return np.full(len(counts), 1 / len(counts))
    weighted = stage.class_weights_from is not None and epoch > stage.class_weights_from
    if not weighted:
        loss = loss.model_copy(update={"class_weights": "none"})
    progress = min((stage.start + epoch - 1) / max((stage.span or stage.epochs) - 1, 1), 1.0)
    drawn = class_probabilities(stage.sampling, counts, progress)
    masses = implied_prior(loss, counts) * drawn / (counts / counts.sum())
    return masses / masses.sum()
