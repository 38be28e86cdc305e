"""Average precision and ROC AUC of one class against the rest."""

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score


def average_precision(positive: np.ndarray, scores: np.ndarray) -> float | None:
    """Returns the average precision: Σ (Rₜ - Rₜ₋₁) Pₜ over the distinct scores t.

    Equal scores are one threshold, so their order does not matter, and nothing is interpolated.

    Args:
        positive: Bools, shape `(n,)`.
        scores: Floats, shape `(n,)`; larger means more likely positive.

    Returns:
        Float in [0, 1], or None unless there are both positives and negatives.
    """
    return float(average_precision_score(positive, scores)) if _holds_both(positive) else None


def roc_auc(positive: np.ndarray, scores: np.ndarray) -> float | None:
    """Returns the chance that a positive scores above a negative, equal scores counting half.

    Args:
        positive: Bools, shape `(n,)`.
        scores: Floats, shape `(n,)`; larger means more likely positive.

    Returns:
        Float in [0, 1], or None unless there are both positives and negatives.
    """
    return float(roc_auc_score(positive, scores)) if _holds_both(positive) else None


def _holds_both(positive: np.ndarray) -> bool:
    return bool(positive.any() and not positive.all())
