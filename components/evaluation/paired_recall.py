"""Recall of one class by two models on the same records."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binom


@dataclass(frozen=True)
class PairedRecall:
    """Which records of a class two models got right.

    Attributes:
        before: By the one model, bool `(support,)`.
        now: By the other.
    """

    before: np.ndarray
    now: np.ndarray

    @property
    def support(self) -> int:
        return len(self.now)

    @property
    def lost(self) -> int:
        """Number of records that only the one before got right."""
        return int((self.before & ~self.now).sum())

    @property
    def gained(self) -> int:
        """Number of records that only the other gets right."""
        return int((self.now & ~self.before).sum())

    @property
    def drop(self) -> float:
        """By how much the recall fell."""
        return float(self.before.mean() - self.now.mean())

    @property
    def chance_of_loss(self) -> float:
        """The chance, were neither model worse, that so many records are lost: the sign test, one-sided.

        Reference:
            McNemar (1947), "Note on the sampling error of the difference between correlated proportions".
        """
        # Each record that one model alone got right would then be as likely lost as gained.
        return float(binom.sf(self.lost - 1, self.lost + self.gained, 0.5)) if self.lost else 1.0


def paired_recall(labels: np.ndarray, before: np.ndarray, now: np.ndarray, index: int) -> PairedRecall:
    """Holds two models' decisions, ints `(n,)`, against the records of class `index`."""
    mine = labels == index
    return PairedRecall(before[mine] == index, now[mine] == index)
