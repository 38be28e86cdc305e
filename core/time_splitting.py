"""Splits records by time: all of a split before all of the next, ties, groups and equal records whole."""

from dataclasses import dataclass

import numpy as np

TRAIN, EVAL, TEST, GAP = range(4)


class NoBorder(ValueError):
    """Says why the times leave no border, as a sentence without its subject."""


@dataclass(frozen=True)
class Borders:
    """Where splits begin, in microseconds since 1970.

    Attributes:
        eval_from: First time that may be in eval.
        test_from: First time that may be in test.
        gap: Microseconds before each of them that belong to no split.
    """

    eval_from: int
    test_from: int
    gap: int = 0

    def periods(self, times: np.ndarray) -> np.ndarray:
        """Returns the period of each time, uint8 `(records,)`: TRAIN, EVAL, TEST, or GAP.

        Args:
            times: int64 `(records,)`, microseconds since 1970.
        """
        periods = np.full(len(times), TRAIN, np.uint8)
        periods[times >= self.eval_from - self.gap] = GAP
        periods[times >= self.eval_from] = EVAL
        periods[times >= self.test_from - self.gap] = GAP
        periods[times >= self.test_from] = TEST
        return periods


def borders_of_shares(times: np.ndarray, shares: np.ndarray, gap: int = 0) -> Borders:
    """Finds the borders that give each split its share of the records, in the order of their times.

    Records of one time stay together: a border lies at the time whose first record is nearest to the share, the
    earlier of two that are equally near, and leaves every split a time of its own. The gap is cut off afterwards from
    the split before it.

    Args:
        times: int64 `(records,)`, microseconds since 1970.
        shares: Of train, eval and test, float `(3,)`, summing to 1.
        gap: See Borders.

    Raises:
        NoBorder: There are fewer than three different times.
    """
    different, counts = np.unique(times, return_counts=True)
    if len(different) < 3:
        raise NoBorder(f"holds {len(different)} different times; three splits need three at least")
    before = np.cumsum(counts) - counts  # Records before each time.
    asked = len(times) * np.cumsum(shares)[:2]
    # Rounding keeps equal distances equal, which binary fractions are not.
    distances = np.round(np.abs(before[:, np.newaxis] - asked), 6)
    eval_place = 1 + int(np.argmin(distances[1:-1, 0]))
    test_place = eval_place + 1 + int(np.argmin(distances[eval_place + 1 :, 1]))
    return Borders(int(different[eval_place]), int(different[test_place]), gap)


def latest_splits(periods: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """Returns the latest split that holds a record of each record's set, int64 `(records,)`; -1 where none does.

    Args:
        periods: uint8 `(records,)`, see Borders.periods; those of the gap count for no set.
        sets: int `(records,)`, equal for records of one set, from 0.
    """
    latest = np.full(int(sets.max(initial=-1)) + 1, -1)
    inside = periods != GAP
    np.maximum.at(latest, sets[inside], periods[inside].astype(np.int64))
    of_records: np.ndarray = latest[sets]
    return of_records
