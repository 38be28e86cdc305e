"""Estimated class shares with their intervals."""

from dataclasses import dataclass

import numpy as np

from components.drift_watch.black_box_shift import black_box_prior
from components.drift_watch.expectation_maximization import em_prior
from components.evaluation.bootstrap import (
    num_resamples,
    quantiles_95,
    resample_weights,
    resampled_confusions,
)
from components.evaluation.intervals import wilson_interval

_RESAMPLES, _FEWEST_RESAMPLES = 400, 50
# Over all resamples together, in probabilities.
_PROBABILITIES_RESAMPLED = 20_000_000


@dataclass(frozen=True)
class PriorEstimate:
    """Class shares with 95 % intervals.

    Attributes:
        shares: Float64 `(classes,)`.
        low: Lower ends, `(classes,)`.
        high: Upper ends, `(classes,)`.
    """

    shares: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def leaves_out(self, known: np.ndarray, widening: float = 1.0) -> np.ndarray:
        """Tells on which side of known shares the intervals lie: 1 above, -1 below, 0 around them, `(classes,)`.

        Args:
            known: Float `(classes,)`.
            widening: Stretches each half of the intervals, for when many classes are looked at together.
        """
        low = self.shares - widening * (self.shares - self.low)
        high = self.shares + widening * (self.high - self.shares)
        return np.where(low > known, 1, np.where(high < known, -1, 0))


def em_estimate(probabilities: np.ndarray, assumed: np.ndarray, seed: int = 0) -> PriorEstimate:
    """Estimates shares as em_prior does, with quantiles over bootstrap resamples of the records.

    Args:
        probabilities: See em_prior.
        assumed: See em_prior.
        seed: Decides the resamples.
    """
    shares = em_prior(probabilities, assumed)
    # A share of 0 would stay 0 in every resample.
    start = (shares + 1e-3 * assumed) / (1 + 1e-3)
    count = num_resamples(_PROBABILITIES_RESAMPLED, probabilities.size, _FEWEST_RESAMPLES, _RESAMPLES)
    drawn = [
        em_prior(probabilities, assumed, weights, start)
        for weights in resample_weights(len(probabilities), count, seed)
    ]
    return _between_quantiles(shares, drawn)


def black_box_estimate(confusion: np.ndarray, decided: np.ndarray, seed: int = 0) -> PriorEstimate | None:
    """Estimates shares as black_box_prior does, with quantiles over resamples of both kinds of records.

    Args:
        confusion: Counts; see black_box_prior.
        decided: Counts; see black_box_prior.
        seed: Decides the resamples; see resampled_confusions.

    Returns:
        The estimate, or None where there is none, or where half of the resamples have none.
    """
    shares = black_box_prior(confusion, decided)
    if shares is None:
        return None
    drawn = [black_box_prior(*parts) for parts in resampled_confusions(confusion, decided, _RESAMPLES, seed)]
    found = [one for one in drawn if one is not None]
    return _between_quantiles(shares, found) if len(found) > _RESAMPLES // 2 else None


def counted_prior(counts: np.ndarray) -> PriorEstimate:
    """Returns the shares of labelled records, counts `(classes,)`, with Wilson intervals."""
    total = int(counts.sum())
    ends = np.array([wilson_interval(int(count), total) for count in counts])
    return PriorEstimate(counts / total, ends[:, 0], ends[:, 1])


def _between_quantiles(shares: np.ndarray, drawn: list[np.ndarray]) -> PriorEstimate:
    low, _, high = quantiles_95(drawn)
    # The resamples' own middle may lie beside the estimate, which is always inside.
    return PriorEstimate(shares, np.minimum(low, shares), np.maximum(high, shares))
