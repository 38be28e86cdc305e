"""Recall of every class on new labelled records, against that on test."""

from dataclasses import dataclass

import numpy as np

from components.evaluation.intervals import wilson_interval


@dataclass(frozen=True)
class RecallChange:
    """A class's recall, with 95 % Wilson intervals; None without records.

    Attributes:
        support: Number of new records of the class.
        new: On the new records.
        new_interval: Of `new`.
        test: On the test records.
        test_interval: Of `test`.
    """

    support: int
    new: float | None
    new_interval: tuple[float, float] | None
    test: float | None
    test_interval: tuple[float, float] | None

    @property
    def fell(self) -> bool:
        """Whether the new interval lies below that on test."""
        if self.new_interval is None or self.test_interval is None:
            return False
        return self.new_interval[1] < self.test_interval[0]


def recall_changes(new: np.ndarray, test: np.ndarray) -> list[RecallChange]:
    """Compares the diagonals of two confusion matrices, counts `(classes, classes)` with classes as rows."""
    changes = []
    for index in range(len(new)):
        measured = []
        for counts in (new, test):
            hits, support = int(counts[index, index]), int(counts[index].sum())
            measured += [hits / support if support else None, wilson_interval(hits, support)]
        changes.append(RecallChange(int(new[index].sum()), *measured))  # type: ignore[arg-type]
    return changes
