"""Predictions beside the true classes, and the figures of every class."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from components.evaluation.confusion import ClassMargins, confusion_margins
from components.evaluation.intervals import wilson_interval
from components.evaluation.ranking import average_precision, roc_auc

# One value a class, in index order; None where the data do not define it.
ByClass = list[float | None]
Intervals = list[tuple[float, float] | None]


@dataclass(frozen=True)
class LabelledPredictions:
    """Decisions and probabilities for records whose class is known; each figure is computed once, at first use.

    Attributes:
        labels: Ints in [0, k), shape `(n,)`.
        probabilities: Floats, shape `(n, k)`, each row summing to 1.
        decisions: Ints below k, shape `(n,)`; one below 0 stands for no class among these.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    decisions: np.ndarray

    @property
    def num_classes(self) -> int:
        return self.probabilities.shape[1]

    @cached_property
    def margins(self) -> ClassMargins:
        return confusion_margins(self.labels, self.decisions, self.num_classes)

    @property
    def precisions(self) -> ByClass:
        return none_for_nan(self.margins.precision)

    @cached_property
    def recalls(self) -> ByClass:
        return none_for_nan(self.margins.recall)

    @cached_property
    def f1(self) -> ByClass:
        return none_for_nan(self.margins.f1)

    @cached_property
    def recall_intervals(self) -> Intervals:
        """The 95 % Wilson intervals of the recalls."""
        return recall_intervals(self.margins)

    @cached_property
    def average_precisions(self) -> ByClass:
        return self._against_the_rest(average_precision)

    @cached_property
    def roc_aucs(self) -> ByClass:
        return self._against_the_rest(roc_auc)

    def _against_the_rest(self, figure: Callable[[np.ndarray, np.ndarray], float | None]) -> ByClass:
        columns = enumerate(self.probabilities.T)
        return [figure(self.labels == index, scores) for index, scores in columns]


def recall_intervals(margins: ClassMargins) -> Intervals:
    """Returns the 95 % Wilson intervals of the classes' recalls, None for a class without records."""
    pairs = zip(margins.hits, margins.support, strict=True)
    return [wilson_interval(int(hits), int(support)) for hits, support in pairs]


def none_for_nan(values: np.ndarray) -> ByClass:
    """Returns one value a class, float `(classes,)`, with None for NaN."""
    return [None if np.isnan(value) else float(value) for value in values]
