"""Exact classification metrics on arrays, written for classes of very different size.

Every function takes NumPy arrays and returns Python numbers. A value that the data do not define is None,
never NaN, so that the result is JSON as it stands. The rules, in one place:

* recall, its interval: None for a class without examples;
* precision: None for a class that was never decided for;
* f1: None for a class that has no examples and was never decided for;
* average precision, ROC AUC: None unless the class has examples and so has the rest;
* MCC: None unless at least two classes have examples;
* a mean over classes leaves undefined values out, and is None when none is defined.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, matthews_corrcoef, roc_auc_score

SUMMARY_METRICS = (
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "mcc",
    "g_mean",
    "harmonic_mean_recall",
    "worst_recall",
    "worst_recall_lower_bound",
    "macro_average_precision",
    "macro_roc_auc",
    "brier",
    "ece",
)

_NORMAL_95 = 1.959963984540054
# Wide enough for a softmax in half precision, narrow enough to notice logits.
_SUM_TOLERANCE = 0.01


def classification_metrics(
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    decisions: np.ndarray | None = None,
) -> dict[str, Any]:
    """Computes the metrics of a classifier as metrics.json holds them.

    Accuracy, precision, recall, F1, MCC and the confusion counts judge the decisions. Average precision,
    ROC AUC, Brier score and calibration error judge the probabilities, whatever was decided.

    Args:
        labels: Ints in [0, k), shape `(n,)`: the index of each example's class.
        probabilities: Floats in [0, 1], shape `(n, k)`; each row sums to 1.
        classes: The k class names, in index order.
        decisions: Ints in [0, k), shape `(n,)`: the class decided for. The default is the most probable
            class, the first of them on a tie.

    Returns:
        `n`; `summary`, one number per name in `SUMMARY_METRICS`; `per_class`, by class name; and
        `confusion`, whose rows are the true classes. What is undefined is None (see the module).

    Raises:
        ValueError: The arrays do not fit each other or the classes, are empty, or hold no probabilities.

    Example:
        >>> result = classification_metrics(
        ...     np.array([0, 0, 0, 1]), np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.3, 0.7]]), ["no", "yes"]
        ... )
        >>> result["per_class"]["yes"]["precision"], result["summary"]["accuracy"]
        (0.5, 0.75)
    """
    labels, probabilities, decisions = _checked(labels, probabilities, classes, decisions)
    counts = confusion_counts(labels, decisions, len(classes))
    per_class = {
        name: {**_count_metrics(counts, index), **_ranking_metrics(labels == index, probabilities[:, index])}
        for index, name in enumerate(classes)
    }
    return {
        "n": len(labels),
        "summary": _summary(labels, probabilities, decisions, list(per_class.values())),
        "per_class": per_class,
        "confusion": {"classes": list(classes), "counts": counts.tolist()},
    }


def confusion_counts(labels: np.ndarray, decisions: np.ndarray, num_classes: int) -> np.ndarray:
    """Counts examples by true class (row) and class decided for (column).

    Args:
        labels: Ints in [0, num_classes), shape `(n,)`.
        decisions: Ints in [0, num_classes), shape `(n,)`.
        num_classes: Number of classes, k.

    Returns:
        Int64 array of shape `(k, k)`.
    """
    cells = np.asarray(labels, np.int64) * num_classes + np.asarray(decisions, np.int64)
    return np.bincount(cells, minlength=num_classes**2).reshape(num_classes, num_classes)


def confusion_margins(
    labels: np.ndarray, decisions: np.ndarray, num_classes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts every class's hits, decisions and records.

    Args:
        labels: Ints in [0, num_classes), shape `(n,)`.
        decisions: Ints in [-1, num_classes), shape `(n,)`; -1, for a class that is not among these, is wrong.
        num_classes: Number of classes, k.

    Returns:
        Hits, decisions and support, each float64 of shape `(k,)`.
    """
    known = np.where(decisions < 0, num_classes, decisions)
    counts = confusion_counts(labels, known, num_classes + 1)
    margins = np.stack([np.diag(counts), counts.sum(axis=0), counts.sum(axis=1)]).astype(float)
    hits, decided, support = margins[:, :-1]
    return hits, decided, support


def wilson_interval(successes: int, trials: int) -> tuple[float, float] | None:
    """Returns the 95 % Wilson score interval of a share, None without trials.

    With p = successes / trials, n = trials, z = 1.96: (p + z²/2n ± z √(p(1 - p)/n + z²/4n²)) / (1 + z²/n).
    Unlike p ± z √(p(1 - p)/n) it stays honest for a class of a few examples: 1 success of 1 gives [0.21, 1].

    Reference:
        Wilson (1927), Probable inference, the law of succession, and statistical inference,
        https://doi.org/10.1080/01621459.1927.10502953
    """
    if trials == 0:
        return None
    share = successes / trials
    z_squared_per_trial = _NORMAL_95**2 / trials
    centre = share + z_squared_per_trial / 2
    half_width = _NORMAL_95 * math.sqrt(share * (1 - share) / trials + z_squared_per_trial / (4 * trials))
    low = (centre - half_width) / (1 + z_squared_per_trial)
    high = (centre + half_width) / (1 + z_squared_per_trial)
    # At the ends the formula gives 0 and 1 up to rounding.
    return (0.0 if successes == 0 else low), (1.0 if successes == trials else high)


def average_precision(positive: np.ndarray, scores: np.ndarray) -> float | None:
    """Returns the average precision of one class against the rest: Σ (Rₜ - Rₜ₋₁) Pₜ over the distinct scores t.

    Equal scores are one threshold, so their order does not matter, and nothing is interpolated.

    Args:
        positive: Bools, shape `(n,)`.
        scores: Floats, shape `(n,)`; larger means more likely positive.

    Returns:
        Float in [0, 1], or None unless there are both positives and negatives.
    """
    if not _holds_both(positive):
        return None
    return float(average_precision_score(positive, scores))


def roc_auc(positive: np.ndarray, scores: np.ndarray) -> float | None:
    """Returns the chance that a positive scores above a negative, equal scores counting half.

    Args:
        positive: Bools, shape `(n,)`.
        scores: Floats, shape `(n,)`; larger means more likely positive.

    Returns:
        Float in [0, 1], or None unless there are both positives and negatives.
    """
    if not _holds_both(positive):
        return None
    return float(roc_auc_score(positive, scores))


def brier(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Returns the Brier score in its first, multi-class form: the mean squared distance to the one-hot label.

    (1/n) Σᵢ Σⱼ (pᵢⱼ - yᵢⱼ)², in [0, 2]; 0 is perfect. For two classes too it sums over both, which is twice
    the score of the positive class alone (scikit-learn's `brier_score_loss`).

    Args:
        labels: Ints, shape `(n,)`.
        probabilities: Floats, shape `(n, k)`.

    Reference:
        Brier (1950), Verification of forecasts expressed in terms of probability.
    """
    one_hot = np.eye(probabilities.shape[1])[labels]
    return float(np.mean(np.sum((probabilities - one_hot) ** 2, axis=1)))


def expected_calibration_error(labels: np.ndarray, probabilities: np.ndarray, num_bins: int = 15) -> float:
    """Returns the mean gap between confidence and accuracy of the most probable class.

    Confidence, the largest probability of a row, is cut into `num_bins` bins of equal width, each open on
    the left; the error is Σ_b (n_b / n) |accuracy_b - mean confidence_b|, in [0, 1].

    Args:
        labels: Ints, shape `(n,)`.
        probabilities: Floats, shape `(n, k)`.
        num_bins: Number of bins; 15 is the paper's.

    Reference:
        Guo et al. (2017), On calibration of modern neural networks, https://arxiv.org/abs/1706.04599
    """
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    inner_edges = np.linspace(0, 1, num_bins + 1)[1:-1]
    bins = np.digitize(confidence, inner_edges, right=True)
    # n_b times the gap of a bin is the absolute sum of its differences, empty bins giving 0.
    gaps = np.bincount(bins, weights=correct - confidence, minlength=num_bins)
    return float(np.abs(gaps).sum() / len(labels))


def matthews_correlation(labels: np.ndarray, decisions: np.ndarray) -> float | None:
    """Returns the multi-class Matthews correlation R_K, in [-1, 1], of labels and decisions.

    One decision for every example gives 0, as chance does. None unless at least two classes have examples.

    Reference:
        Gorodkin (2004), Comparing two K-category assignments by a K-category correlation coefficient,
        https://doi.org/10.1016/j.compbiolchem.2004.09.006
    """
    if len(np.unique(labels)) < 2:
        return None
    return float(matthews_corrcoef(labels, decisions))


def geometric_mean(values: Sequence[float]) -> float | None:
    """Returns the geometric mean of numbers >= 0, which is 0 as soon as one of them is; None of none.

    Reference:
        Of recalls: Kubat and Matwin (1997), Addressing the curse of imbalanced training sets.
    """
    if not values or min(values) == 0:
        return 0.0 if values else None
    return math.exp(math.fsum(math.log(value) for value in values) / len(values))


def harmonic_mean(values: Sequence[float]) -> float | None:
    """Returns the harmonic mean of numbers >= 0, which is 0 as soon as one of them is; None of none."""
    if not values or min(values) == 0:
        return 0.0 if values else None
    return len(values) / math.fsum(1 / value for value in values)


def _summary(
    labels: np.ndarray, probabilities: np.ndarray, decisions: np.ndarray, per_class: list[dict[str, Any]]
) -> dict[str, float | None]:
    recalls = _defined(metrics["recall"] for metrics in per_class)
    return {
        "accuracy": float(np.mean(labels == decisions)),
        "balanced_accuracy": _mean(recalls),
        "macro_f1": _mean(_defined(metrics["f1"] for metrics in per_class)),
        "mcc": matthews_correlation(labels, decisions),
        "g_mean": geometric_mean(recalls),
        "harmonic_mean_recall": harmonic_mean(recalls),
        "worst_recall": min(recalls),
        # A class without examples shows nothing: all that is known of its recall is that it is at least 0.
        "worst_recall_lower_bound": min((metrics["recall_interval"] or [0.0])[0] for metrics in per_class),
        "macro_average_precision": _mean(_defined(metrics["average_precision"] for metrics in per_class)),
        "macro_roc_auc": _mean(_defined(metrics["roc_auc"] for metrics in per_class)),
        "brier": brier(labels, probabilities),
        "ece": expected_calibration_error(labels, probabilities),
    }


def _count_metrics(counts: np.ndarray, index: int) -> dict[str, Any]:
    """Returns what the confusion counts `(k, k)` say of one class."""
    hits, support, decided = int(counts[index, index]), int(counts[index].sum()), int(counts[:, index].sum())
    interval = wilson_interval(hits, support)
    return {
        "support": support,
        "precision": _share(hits, decided),
        "recall": _share(hits, support),
        "recall_interval": None if interval is None else list(interval),
        "f1": _share(2 * hits, support + decided),
    }


def _ranking_metrics(positive: np.ndarray, scores: np.ndarray) -> dict[str, float | None]:
    return {"average_precision": average_precision(positive, scores), "roc_auc": roc_auc(positive, scores)}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _defined(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _holds_both(positive: np.ndarray) -> bool:
    return bool(positive.any() and not positive.all())


def _checked(
    labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str], decisions: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns labels, probabilities as float64, and decisions, all of them checked."""
    num_classes = len(classes)
    if len(set(classes)) != num_classes or num_classes < 2:
        raise ValueError(f"Expected at least two distinct class names. Received: classes={list(classes)}")
    probabilities = np.asarray(probabilities, np.float64)
    if probabilities.ndim != 2 or probabilities.shape[1] != num_classes or len(probabilities) == 0:
        raise ValueError(
            f"Expected probabilities of shape (n, {num_classes}), one column per class and n >= 1. "
            f"Received: shape {probabilities.shape}"
        )
    _check_probabilities(probabilities)
    labels = _checked_indices("labels", labels, probabilities.shape)
    if decisions is None:
        return labels, probabilities, probabilities.argmax(axis=1)
    return labels, probabilities, _checked_indices("decisions", decisions, probabilities.shape)


def _check_probabilities(probabilities: np.ndarray) -> None:
    sums = probabilities.sum(axis=1)
    in_range = (probabilities >= -_SUM_TOLERANCE).all(axis=1) & (np.abs(sums - 1) <= _SUM_TOLERANCE)
    if not in_range.all():
        row = int(np.argmin(in_range))
        raise ValueError(
            "Expected probabilities: finite, at least 0, each row summing to 1 (apply softmax to logits). "
            f"Received in row {row}: {probabilities[row].tolist()}, and {int((~in_range).sum())} such rows in all"
        )


def _checked_indices(name: str, indices: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    indices = np.asarray(indices)
    if indices.shape != shape[:1] or indices.dtype.kind not in "iu":
        raise ValueError(
            f"Expected {name} as ints of shape ({shape[0]},), one per row of probabilities. "
            f"Received: {indices.dtype} of shape {indices.shape}"
        )
    if indices.min() < 0 or indices.max() >= shape[1]:
        raise ValueError(
            f"Expected {name} in [0, {shape[1]}), the indices of the classes. "
            f"Received: values from {indices.min()} to {indices.max()}"
        )
    return indices.astype(np.int64)
