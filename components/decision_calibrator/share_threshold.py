"""Threshold above which a given share of the records lies, and the spread of thresholds over resamples."""

from collections.abc import Callable

import numpy as np

from components.evaluation.bootstrap import num_resamples, quantiles_95, stratified_resamples

_RESAMPLES, _FEWEST_RESAMPLES = 200, 20
_RECORDS_DRAWN = 10_000_000
# Rounding of sums of weights must not keep out a record that just fits.
_SLACK = 1e-9
# Of float64 scores up to 1 or so.
_ROUNDING = 1e-12


def threshold_of_share(scores: np.ndarray, weights: np.ndarray, share: float, ceiling: float) -> float:
    """Returns the threshold above which as many records lie as a share allows.

    Records of equal score are above it together or not at all, and no more than the share are. Where not even those
    of the highest score fit, they are let in as far as that is nearer to the share than none. The threshold lies in
    the middle between the lowest score above it and the highest below.

    Args:
        scores: Float `(n,)`, at least one.
        weights: How many records each stands for where the threshold is used, float `(n,)`; some above 0.
        share: Of all records, in (0, 1).
        ceiling: What no score exceeds.
    """
    order = np.argsort(-scores, kind="stable")
    order = order[weights[order] > 0]
    falling, counted = scores[order], weights[order]
    last_of_score = last_of_level(falling)
    levels = falling[last_of_score]
    shares = (np.cumsum(counted) / counted.sum())[last_of_score]
    taken = int((shares <= share + _SLACK).sum())
    if taken == 0 and len(levels) > 1 and shares[0] < 2 * share:
        taken = 1
    above = ceiling if taken == 0 else levels[taken - 1]
    return float((above + levels[min(taken, len(levels) - 1)]) / 2)


def last_of_level(ordered: np.ndarray) -> np.ndarray:
    """Returns the places of the last of equal scores, int64, rising; what differs by rounding alone is equal.

    Args:
        ordered: Scores, rising or falling, float `(n,)`.
    """
    return np.flatnonzero(np.append(np.abs(np.diff(ordered)) > _ROUNDING, True))


def threshold_spread(
    find: Callable[[np.ndarray], float], weights: np.ndarray, labels: np.ndarray, seed: int
) -> np.ndarray:
    """Returns the 2.5 %, 50 % and 97.5 % quantiles of a threshold over bootstrap resamples, float `(3,)`.

    Args:
        find: From the weights of the records, float `(n,)`, to the threshold.
        weights: Of the records, float `(n,)`.
        labels: Class indices, int `(n,)`; every class keeps its number of records.
        seed: Decides the resamples.
    """
    size = len(labels)
    count = num_resamples(_RECORDS_DRAWN, size, _FEWEST_RESAMPLES, _RESAMPLES)
    drawn = (np.bincount(rows, minlength=size) for rows in stratified_resamples(labels, count, seed))
    return quantiles_95([[find(weights * times)] for times in drawn])[:, 0]
