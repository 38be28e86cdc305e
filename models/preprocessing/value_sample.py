"""A bounded sample of a column's values that depends on what there is alone, not on who saw it first."""

from collections.abc import Iterable

import numpy as np


class ValueSample:
    """Keeps a column's values as long as they are few, then those whose records' digests are the smallest.

    What is kept is a function of the multiset of `(digest, value)`: not of their order, of the pieces they came in,
    nor of how these were merged. The least and the greatest value are kept besides, and exact in any case.

    Args:
        most: Most values to keep, above 0.
    """

    def __init__(self, most: int):
        self._most = most
        self._values: list[np.ndarray] = []
        self._digests: list[np.ndarray] = []
        self._size = 0
        self._highest: int | None = None
        self._least, self._greatest = np.inf, -np.inf

    def add(self, values: np.ndarray, digests: np.ndarray) -> None:
        """Adds values.

        Args:
            values: Finite, float64 `(n,)`.
            digests: Of their records, int64 `(n,)`: evenly spread, and independent of the values.
        """
        if not len(values):
            return
        # Negative zero is zero, and which of the two comes first in order would be chance.
        values = values + 0.0
        self._least = min(self._least, float(values.min()))
        self._greatest = max(self._greatest, float(values.max()))
        self._keep(values, digests)

    def merge(self, others: Iterable["ValueSample"]) -> None:
        """Adds what other samples, of the same size, hold."""
        for other in others:
            self._least = min(self._least, other._least)
            self._greatest = max(self._greatest, other._greatest)
            for values, digests in zip(other._values, other._digests, strict=True):
                self._keep(values, digests)

    def compact(self) -> None:
        """Lets go of what is more than `most`."""
        if not self._size:
            return
        values, digests = np.concatenate(self._values), np.concatenate(self._digests)
        if self._size > self._most:
            kept = _smallest(values, digests, self._most)
            values, digests = values[kept], digests[kept]
            self._highest = int(digests.max())
        self._values, self._digests, self._size = [values], [digests], len(values)

    def sorted_values(self) -> np.ndarray:
        """Returns the kept values in ascending order, the least and the greatest of all at their ends."""
        self.compact()
        if not self._size:
            return np.empty(0)
        values = np.sort(self._values[0])
        values[0], values[-1] = self._least, self._greatest
        return values

    def _keep(self, values: np.ndarray, digests: np.ndarray) -> None:
        if self._highest is not None:
            # One that equals the highest may still push out another record's greater value.
            low = digests <= self._highest
            values, digests = values[low], digests[low]
        if len(values):
            self._values.append(values)
            self._digests.append(digests)
            self._size += len(values)
        if self._size > 2 * self._most:
            self.compact()


def _smallest(values: np.ndarray, digests: np.ndarray, most: int) -> np.ndarray:
    """Returns the places of the `most` smallest pairs of digest and value, int64 `(most,)`."""
    highest = np.partition(digests, most - 1)[most - 1]
    below = np.flatnonzero(digests < highest)
    tied = np.flatnonzero(digests == highest)
    tied = tied[np.argsort(values[tied])][: most - len(below)]
    return np.concatenate([below, tied])
