"""Working points of one class: what each threshold on its probability finds and flags."""

from dataclasses import dataclass

import numpy as np

from components.evaluation.confusion import ClassMargins


@dataclass(frozen=True)
class WorkingPoints:
    """What calling a record this class from a threshold on would do, at each distinct probability.

    Attributes:
        thresholds: Distinct probabilities, falling, float64 `(points,)`.
        hits: Records of the class at or above the threshold, int64 `(points,)`.
        false_alarms: Records of other classes there, int64 `(points,)`.
    """

    thresholds: np.ndarray
    hits: np.ndarray
    false_alarms: np.ndarray

    @property
    def flagged(self) -> np.ndarray:
        """Records at or above each threshold, int64 `(points,)`, at least 1 and rising."""
        return self.hits + self.false_alarms

    @property
    def margins(self) -> ClassMargins:
        """What recall, precision and F1 at each threshold are computed from."""
        return ClassMargins(self.hits, self.flagged, self.hits[-1:])

    @property
    def precision(self) -> np.ndarray:
        return self.margins.precision

    @property
    def recall(self) -> np.ndarray:
        return self.margins.recall

    @property
    def false_alarm_rate(self) -> np.ndarray:
        return self.false_alarms / self.false_alarms[-1]

    def nearest(self, flagged: int) -> int:
        """Returns the place of the threshold that flags nearest to so many records, the higher on a tie."""
        return int(np.argmin(np.abs(self.flagged - flagged)))


def working_points(positive: np.ndarray, scores: np.ndarray) -> WorkingPoints | None:
    """Counts what lies at or above every distinct score.

    Args:
        positive: Which records are of the class, bool `(n,)`.
        scores: The probability of the class, float `(n,)`.

    Returns:
        The working points; None unless there are records both of the class and of others. Scores 0.9, 0.4,
        0.4 of which the first two are positive have the thresholds 0.9 and 0.4, with 1 and 2 hits, 0 and 1
        false alarms.
    """
    if not positive.any() or positive.all():
        return None
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order].astype(np.float64)
    last_of_equals = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    hits = np.cumsum(positive[order], dtype=np.int64)[last_of_equals]
    return WorkingPoints(ordered[last_of_equals], hits, last_of_equals + 1 - hits)
