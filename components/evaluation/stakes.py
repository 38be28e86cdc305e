"""Costs at stake with each record: of a miss, a false alarm and a catch."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Stakes:
    """What is at stake with each record; float64 `(n,)` each, at least 0.

    Attributes:
        miss: Cost of another decision where the class is true.
        false_alarm: Cost of deciding for the class where another is true.
        catch: Cost of deciding for the class where it is true.
    """

    miss: np.ndarray
    false_alarm: np.ndarray
    catch: np.ndarray

    def expected(self, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns what deciding for the class costs in the mean, and what another decision does, `(n,)` each.

        Args:
            probability: Of the class, float `(n,)`.
        """
        acting = probability * self.catch + (1 - probability) * self.false_alarm
        return acting, probability * self.miss

    def incurred(self, is_class: np.ndarray, acts: np.ndarray) -> np.ndarray:
        """Returns what decisions cost, float64 `(n,)`; one for the wrong one of the other classes costs nothing.

        Args:
            is_class: Whether the class is true, bool `(n,)`.
            acts: Whether it is decided for, bool `(n,)`.
        """
        of_class = np.where(acts, self.catch, self.miss)
        return np.where(is_class, of_class, np.where(acts, self.false_alarm, 0.0))

    @property
    def largest(self) -> np.ndarray:
        """The dearest thing that may come of each record, `(n,)`."""
        return np.maximum(np.maximum(self.miss, self.false_alarm), self.catch)
