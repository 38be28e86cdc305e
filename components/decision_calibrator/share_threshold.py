"""Threshold above which a given share of the records lies, and its spread over resamples."""

import numpy as np

from components.evaluation.bootstrap import num_resamples, quantiles_95, stratified_resamples

_RESAMPLES, _FEWEST_RESAMPLES = 200, 20
_RECORDS_DRAWN = 10_000_000
# Rounding of sums of weights must not keep out a record that just fits.
_SLACK = 1e-9


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
    return _threshold(scores[order], weights[order], share, ceiling)


def threshold_spread(
    scores: np.ndarray, weights: np.ndarray, labels: np.ndarray, share: float, ceiling: float, seed: int
) -> np.ndarray:
    """Returns the 2.5 %, 50 % and 97.5 % quantiles of `threshold_of_share` over resamples, float `(3,)`.

    Args:
        scores: Float `(n,)`.
        weights: Of the records, float `(n,)`.
        labels: Class indices, int `(n,)`; every class keeps its number of records.
        share: Of all records, in (0, 1).
        ceiling: What no score exceeds.
        seed: Decides the resamples.
    """
    order = np.argsort(-scores, kind="stable")
    falling, counted = scores[order], weights[order]
    count = num_resamples(_RECORDS_DRAWN, len(scores), _FEWEST_RESAMPLES, _RESAMPLES)
    drawn = (
        np.bincount(rows, minlength=len(scores)) for rows in stratified_resamples(labels[order], count, seed)
    )
    found = [[_threshold(falling, counted * times, share, ceiling)] for times in drawn]
    return quantiles_95(found)[:, 0]


def _threshold(falling: np.ndarray, weights: np.ndarray, share: float, ceiling: float) -> float:
    counted = weights > 0
    falling, weights = falling[counted], weights[counted]
    shares = np.cumsum(weights) / weights.sum()
    last_of_score = np.flatnonzero(np.append(falling[1:] < falling[:-1], True))
    levels, shares = falling[last_of_score], shares[last_of_score]
    taken = int((shares <= share + _SLACK).sum())
    if taken == 0 and len(levels) > 1 and shares[0] < 2 * share:
        taken = 1
    above = ceiling if taken == 0 else levels[taken - 1]
    return float((above + levels[min(taken, len(levels) - 1)]) / 2)
