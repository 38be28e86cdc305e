"""Comparison of a model's mean score on new records with that on test."""

from dataclasses import dataclass

import numpy as np

from components.evaluation.intervals import NORMAL_95


@dataclass(frozen=True)
class Confidence:
    """Mean score of the decisions.

    Attributes:
        test: On the test records, in [0, 1].
        new: On the new ones.
        low: Lower end of the 95 % interval of `new - test`.
        high: Its upper end.
    """

    test: float
    new: float
    low: float
    high: float

    def moved(self, max_distance: float) -> bool:
        """Tells whether the mean moved by more than a distance, and not by chance."""
        return abs(self.new - self.test) > max_distance and (self.low > 0 or self.high < 0)


def compare_confidence(test: np.ndarray, new: np.ndarray) -> Confidence:
    """Compares mean scores, floats in [0, 1] of shapes `(n,)` and `(m,)`, by Welch's normal interval."""
    difference = new.mean() - test.mean()
    half_width = NORMAL_95 * np.sqrt(test.var() / len(test) + new.var() / len(new))
    return Confidence(
        float(test.mean()), float(new.mean()), float(difference - half_width), float(difference + half_width)
    )
