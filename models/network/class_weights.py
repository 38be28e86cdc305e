"""Class weights: how much a class weighs in the loss, by its number of training records."""

import numpy as np

from models.catalogue.losses import CLASS_WEIGHTS


def class_weights(counts: np.ndarray, scheme: str, beta: float = 0.999) -> np.ndarray:
    """Computes a weight for each class from its number of training records.

    With `n_c` the count of class c, the weight is proportional to

    - `none`: 1;
    - `inverse`: `1 / n_c`, scikit-learn's "balanced";
    - `sqrt_inverse`: `1 / sqrt(n_c)`;
    - `effective_number`: `(1 - beta) / (1 - beta**n_c)`, the inverse of the number of records that
      are left when each new one overlaps with those before it.

    The weights are then scaled so that their mean over the training *records*,
    `sum(n_c w_c) / sum(n_c)`, is 1. The loss keeps its magnitude that way, and with it a learning
    rate keeps its meaning, whatever the scheme.

    Example: counts `[90, 10]` give `[0.556, 5.0]` by `inverse` and `[0.75, 2.25]` by `sqrt_inverse`:
    `(90 * 0.75 + 10 * 2.25) / 100 = 0.9`, so the latter is scaled to `[0.833, 2.5]`.

    Reference: Cui et al., "Class-Balanced Loss Based on Effective Number of Samples", 2019,
    https://arxiv.org/abs/1901.05555

    Args:
        counts: Numbers of training records, `(num_classes,)`, each above 0.
        scheme: `none`, `inverse`, `sqrt_inverse` or `effective_number`.
        beta: Float in [0, 1), for `effective_number` alone: 0 weighs all classes alike, and the
            limit at 1 is `inverse`. The default suits classes of some hundred to some thousand.

    Returns:
        Weights, float32 `(num_classes,)`, each above 0.

    Raises:
        ValueError: A class has no record, or `scheme` or `beta` is out of range.
    """
    counts = checked_counts(counts)
    if scheme not in CLASS_WEIGHTS:
        raise ValueError(f"`scheme` must be one of {', '.join(CLASS_WEIGHTS)}. Received: scheme={scheme!r}")
    if not 0 <= beta < 1:
        raise ValueError(f"`beta` must be in [0, 1). Received: beta={beta}")
    if scheme == "inverse":
        weights = 1 / counts
    elif scheme == "sqrt_inverse":
        weights = 1 / np.sqrt(counts)
    elif scheme == "effective_number" and beta > 0:
        # expm1 keeps the digits that 1 - beta**n loses where beta is close to 1.
        weights = (1 - beta) / -np.expm1(counts * np.log(beta))
    else:
        weights = np.ones_like(counts)
    return (weights * counts.sum() / (weights @ counts)).astype(np.float32)


def checked_counts(counts: np.ndarray) -> np.ndarray:
    """Returns class counts as float64 `(num_classes,)`, refusing those no model can be trained on.

    Raises:
        ValueError: There are fewer than two classes, or one of them has no record.
    """
    checked = np.asarray(counts, dtype=np.float64)
    if checked.ndim != 1 or checked.size < 2:
        raise ValueError(
            "Class counts must be a vector of at least two classes, `(num_classes,)`. "
            f"Received: shape {checked.shape}"
        )
    if not (np.isfinite(checked) & (checked > 0)).all():
        empty = np.flatnonzero(~(np.isfinite(checked) & (checked > 0))).tolist()
        raise ValueError(
            f"Every class needs at least one training record. Received: counts {checked[empty].tolist()} for "
            f"the classes with index {empty}. Add records of these classes to the train split, or drop them."
        )
    return checked
