"""Change of what a model gives people to do: the share of records in a queue, left to a person, or called unknown."""

import math
from dataclasses import dataclass

import numpy as np

from components.evaluation.intervals import wilson_interval


@dataclass(frozen=True)
class WorkChange:
    """Share of the records that people get.

    Attributes:
        what: Who gets them, as a sentence begins with it.
        test: Share of the test records, in [0, 1].
        new: Share of the new records.
        low: Lower end of the 95 % interval of `new - test`.
        high: Its upper end.
    """

    what: str
    test: float
    new: float
    low: float
    high: float

    def moved(self, max_ratio: float) -> bool:
        """Tells whether the share grew or shrank by more than a factor, and not by chance."""
        far = self.new > max_ratio * self.test or self.new < self.test / max_ratio
        return far and (self.low > 0 or self.high < 0)


def compare_work(what: str, test: np.ndarray, new: np.ndarray) -> WorkChange:
    """Compares how many records people get.

    The interval of the difference is made of Wilson's intervals of both shares, which hold where few or none are counted.

    Reference:
        Newcombe (1998), "Interval estimation for the difference between independent proportions", method 10,
        https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I

    Args:
        what: Who gets them, as a sentence begins with it.
        test: Whether they get each test record, bool `(n,)`, at least one.
        new: Whether they get each new record, bool `(m,)`, at least one.
    """
    before, now = float(test.mean()), float(new.mean())
    (low_before, high_before), (low_now, high_now) = (
        wilson_interval(int(one.sum()), len(one)) or (0.0, 1.0) for one in (test, new)
    )
    difference = now - before
    return WorkChange(
        what,
        before,
        now,
        difference - math.hypot(now - low_now, high_before - before),
        difference + math.hypot(high_now - now, before - low_before),
    )
