"""Recall of every class on new labelled records, against that on test."""

from dataclasses import dataclass

import numpy as np

from components.evaluation.confusion import ClassMargins
from components.evaluation.labelled_predictions import none_for_nan, recall_intervals


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
    before, after = ClassMargins.of_counts(test), ClassMargins.of_counts(new)
    columns = (
        after.support.astype(int).tolist(),
        none_for_nan(after.recall),
        recall_intervals(after),
        none_for_nan(before.recall),
        recall_intervals(before),
    )
    return [RecallChange(*row) for row in zip(*columns, strict=True)]
