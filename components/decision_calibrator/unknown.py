"""Decision `unknown`: records that are more unlike the classes than a threshold are taken for none of them."""

from dataclasses import dataclass

import numpy as np

from components.decision_calibrator.unlikeness import Unlikeness


@dataclass(frozen=True)
class Unknown:
    """Calls a record unknown where its unlikeness is above a threshold.

    Attributes:
        max_false_alarm: Most of the records of the known classes that may be called unknown, in (0, 1).
        unlikeness: How unlike the records that were trained on a record is.
        threshold: Of the unlikeness.
        spread: 2.5 %, 50 % and 97.5 % quantiles of the threshold over bootstrap resamples, float `(3,)`.
        false_alarm: See false_alarm_threshold.
        held_out: Unlikeness of the held-out records, float `(n,)`.
        trained_on: Records of each class that means and covariances are those of, int `(classes,)`.
    """

    max_false_alarm: float
    unlikeness: Unlikeness
    threshold: float
    spread: np.ndarray
    false_alarm: float
    held_out: np.ndarray
    trained_on: np.ndarray

    def calls_unknown(self, unlikeness: np.ndarray) -> np.ndarray:
        """Returns which records are called unknown, bool `(n,)`, for their unlikeness `(n,)`; one without a number is."""
        return ~(unlikeness <= self.threshold)
