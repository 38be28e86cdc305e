"""Cross-entropy or focal loss, weighed by the effective number of records."""

import keras
import numpy as np

from models.network.class_weights import class_weights
from models.network.losses.focal import Focal
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy


def class_balanced(
    class_counts: np.ndarray, base: str = "cross_entropy", beta: float = 0.999, gamma: float = 2.0
) -> keras.losses.Loss:
    """Makes the class-balanced form of a loss.

    For a record of class y with n_y training records,

        loss = w_y * base loss,    w_y proportional to (1 - beta) / (1 - beta**n_y)

    The weights have mean 1 over the training records, as all of `class_weights`; the paper scales them to
    mean 1 over the classes, which changes the loss by one factor alone. The paper's focal base has a
    sigmoid for every class; this one is Focal, of a softmax.

    Example: counts `[3, 1]` and `beta=0.5` give weights in proportion `1 / 1.75` to `1`.

    Reference: Cui et al., "Class-Balanced Loss Based on Effective Number of Samples", 2019,
    https://arxiv.org/abs/1901.05555

    Args:
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.
        base: `cross_entropy` or `focal`.
        beta: Float in [0, 1).
        gamma: Focusing of the focal base, at least 0.

    Returns:
        WeightedCrossEntropy or Focal.

    Raises:
        ValueError: An argument is out of range, or a class has no record.
    """
    weights = class_weights(class_counts, "effective_number", beta).tolist()
    if base == "focal":
        return Focal(gamma, class_weights=weights, name="class_balanced")
    if base == "cross_entropy":
        return WeightedCrossEntropy(class_weights=weights, name="class_balanced")
    raise ValueError(f"`base` must be cross_entropy or focal. Received: base={base!r}")
