"""Confusion counts, and recall, precision and F1 of every class computed from them."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ClassMargins:
    """Margins of one confusion matrix or of many, class by class along the last axis.

    The rates are float64 `(..., classes)` in [0, 1], NaN for a class that they are not defined for.

    Attributes:
        hits: Records of the class that were decided for it, float64 `(..., classes)`.
        decided: Records that were decided for the class, `(..., classes)`.
        support: Records of the class, `(..., classes)` or `(classes,)`.
    """

    hits: np.ndarray
    decided: np.ndarray
    support: np.ndarray

    @classmethod
    def of_counts(cls, counts: np.ndarray) -> "ClassMargins":
        """Returns the margins of confusion counts, `(classes, classes)` with the true classes as rows."""
        margins = (np.diag(counts), counts.sum(axis=0), counts.sum(axis=1))
        return cls(*(margin.astype(float) for margin in margins))

    @property
    def recall(self) -> np.ndarray:
        """`hits / support`; undefined for a class without records."""
        return _ratio(self.hits, self.support)

    @property
    def precision(self) -> np.ndarray:
        """`hits / decided`; undefined for a class that was never decided for."""
        return _ratio(self.hits, self.decided)

    @property
    def f1(self) -> np.ndarray:
        """`2 hits / (support + decided)`; undefined for a class without records that was never decided for."""
        return _ratio(2 * self.hits, self.support + self.decided)


def confusion_counts(labels: np.ndarray, decisions: np.ndarray, num_classes: int) -> np.ndarray:
    """Counts examples by true class (row) and class decided for (column).

    Args:
        labels: Ints in [0, num_classes), shape `(n,)`.
        decisions: Ints in [0, num_classes), shape `(n,)`.
        num_classes: Number of classes, k.

    Returns:
        Int64 array of shape `(k, k)`.
    """
    cells = np.asarray(labels, np.int64) * num_classes + np.asarray(decisions, np.int64)
    return np.bincount(cells, minlength=num_classes**2).reshape(num_classes, num_classes)


def confusion_margins(labels: np.ndarray, decisions: np.ndarray, num_classes: int) -> ClassMargins:
    """Counts every class's hits, decisions and records.

    Args:
        labels: Ints in [0, num_classes), shape `(n,)`.
        decisions: Ints below num_classes, shape `(n,)`; one below 0, for no class among these, is wrong.
        num_classes: Number of classes, k.

    Returns:
        Margins of shape `(k,)`.
    """
    known = np.where(decisions < 0, num_classes, decisions)
    counts = confusion_counts(labels, known, num_classes + 1)
    margins = ClassMargins.of_counts(counts)
    return ClassMargins(margins.hits[:-1], margins.decided[:-1], margins.support[:-1])


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
