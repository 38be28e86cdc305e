"""Trends of the classes over time: whether the records of a class come earlier or later than others."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata


@dataclass(frozen=True)
class LabelTrends:
    """How the classes' shares move, one value a class.

    Attributes:
        early: Share of the class in the first third of the records, in the order of their times, float `(classes,)`.
        late: Likewise in the last third.
        p_values: Of the hypothesis that the class's records come at the times of the others, float `(classes,)`.
    """

    early: np.ndarray
    late: np.ndarray
    p_values: np.ndarray


def label_trends(times: np.ndarray, labels: np.ndarray, num_classes: int) -> LabelTrends:
    """Tests for each class whether its records come earlier, or later, than all others.

    By the rank sums of the times, two-sided, with the normal approximation and the correction for ties:
    z = (R - n_c (n + 1) / 2) / sqrt(n_c (n - n_c) / 12 ((n + 1) - sum(t^3 - t) / (n (n - 1)))), with R the sum of the
    class's ranks, n_c and n the numbers of its and of all records, and t those of equal time.

    Args:
        times: int64 `(records,)`.
        labels: Class indices, int `(records,)`.
        num_classes: Number of classes.

    Reference:
        Mann and Whitney (1947), "On a test of whether one of two random variables is stochastically larger than the
        other", https://doi.org/10.1214/aoms/1177730491
    """
    total = len(times)
    thirds = np.sort(times)[[total // 3, total - 1 - total // 3]]
    early, late = (
        np.bincount(labels[inside], minlength=num_classes) / max(inside.sum(), 1)
        for inside in (times <= thirds[0], times >= thirds[1])
    )
    of_class = np.bincount(labels, minlength=num_classes).astype(np.float64)
    rank_sums = np.bincount(labels, weights=rankdata(times), minlength=num_classes)
    ties = np.unique(times, return_counts=True)[1].astype(np.float64)
    spread = (total + 1) - ((ties**3 - ties).sum() / (total * (total - 1)) if total > 1 else 0.0)
    variances = of_class * (total - of_class) / 12 * spread
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = (rank_sums - of_class * (total + 1) / 2) / np.sqrt(variances)
    return LabelTrends(early, late, np.where(variances > 0, 2 * norm.sf(np.abs(scores)), 1.0))
