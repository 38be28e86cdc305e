"""Class shares that a trained network's probabilities assume."""

from collections.abc import Sequence

import numpy as np

from models.network.class_weights import checked_counts, class_weights
from models.settings import LossSettings


def implied_prior(settings: LossSettings, class_counts: Sequence[float] | np.ndarray) -> np.ndarray:
    """Computes the class prior that the softmax of the logits assumes after training.

    A network that fits its training records perfectly answers with the class probabilities of a world in
    which class k has the share

        prior_k proportional to n_k**(1 - tau) * w_k

    n_k are the training records the loss saw, w_k the class weights, and tau how much of the log prior the loss
    adds to the logits, as its row in the catalogue says: 1 for `balanced_softmax`, `loss.tau` for
    `logit_adjusted`, and 0 for most others. Multiplying the softmax by natural / implied and
    scaling it to sum 1 turns it into probabilities of the natural world.

    This is exact for cross_entropy without label smoothing, for class_balanced on it, balanced_softmax and
    logit_adjusted. The minimum of focal, asymmetric_focal, ldam, label_aware_smoothing, of label smoothing and
    of most adapted losses is no probability; the weighted counts are the nearest there is, and a calibration
    fitted on held-out records has the rest to do.

    Example: counts `[90, 10]` give `[0.9, 0.1]` for cross_entropy without class weights, `[0.75, 0.25]` with
    `sqrt_inverse`, and `[0.5, 0.5]` for balanced_softmax.

    Args:
        settings: The loss of the experiment.
        class_counts: Numbers of records per class that training drew from, `(num_classes,)`, each above 0:
            after resampling, the resampled ones.

    Returns:
        Shares, float64 `(num_classes,)`, each above 0, sum 1.

    Raises:
        ValueError: A class has no record.
    """
    counts = checked_counts(np.asarray(class_counts))
    weights = class_weights(counts, settings.class_weights, settings.beta).astype(np.float64)
    masses = bias_counts(settings, counts) * weights
    return masses / masses.sum()


def bias_counts(settings: LossSettings, class_counts: Sequence[float] | np.ndarray) -> np.ndarray:
    """Computes the counts whose LogPrior the bias of the logits should start at.

    A loss that adds `tau log n_k` to the logits itself leaves `(1 - tau) log n_k` for the bias to start at:
    with balanced_softmax, no class is ahead. For all others these are the counts.

    Args:
        settings: The loss of the experiment.
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.

    Returns:
        `n_k**(1 - tau)`, float64 `(num_classes,)`, each above 0: what LogPrior takes.

    Raises:
        ValueError: A class has no record.
    """
    return checked_counts(np.asarray(class_counts)) ** (1 - settings.log_prior)


def logit_shift(settings: LossSettings, class_counts: Sequence[float] | np.ndarray) -> np.ndarray:
    """Computes what a loss adds to each class's logit before its softmax: `tau log n_k`, less the mean over classes.

    Args:
        settings: The loss of the experiment.
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.

    Returns:
        Float64 `(num_classes,)` of mean 0; all 0 for losses that add nothing, and for classes of one size.

    Raises:
        ValueError: A class has no record.
    """
    logs = np.log(checked_counts(np.asarray(class_counts)))
    return settings.log_prior * (logs - logs.mean())
