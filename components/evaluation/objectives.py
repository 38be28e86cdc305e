"""Objectives of a search over decisions: macro-F1 and balanced accuracy of many confusions at once, and floors."""

from collections.abc import Callable

import numpy as np

from components.evaluation.confusion import ClassMargins

# Margins of every class, `(..., classes)`, to a score `(...)`; higher is better.
Objective = Callable[[ClassMargins], np.ndarray]
# Margins to a rate of every class, `(..., classes)`, NaN where undefined.
ClassRate = Callable[[ClassMargins], np.ndarray]

# A floor that is missed outweighs whatever macro-F1 can offer.
_FLOOR_WEIGHT = 1e3


def macro_f1(margins: ClassMargins) -> np.ndarray:
    """Returns the mean of the classes' F1, `(...)`; classes without it are left out."""
    return _mean_of_defined(margins.f1)


def balanced_accuracy(margins: ClassMargins) -> np.ndarray:
    """Returns the mean of the classes' recalls, `(...)`; classes without a record are left out."""
    return _mean_of_defined(margins.recall)


def with_floors(floors: np.ndarray, rate: ClassRate) -> Objective:
    """Returns macro-F1, lowered where a class's rate is below its floor.

    A class that has no such rate, as the precision of one never decided for, keeps its floor.

    Args:
        floors: Rate wanted of each class, float `(classes,)` in [0, 1]; 0 where none is.
        rate: Recall or precision.
    """

    def objective(margins: ClassMargins) -> np.ndarray:
        values = rate(margins)
        # 12 of 15 is not less than 0.8.
        missed = np.maximum(floors - np.where(np.isnan(values), 1, values) - 1e-9, 0)
        return macro_f1(margins) - _FLOOR_WEIGHT * missed.sum(axis=-1)

    return objective


def _mean_of_defined(values: np.ndarray) -> np.ndarray:
    # A search asks thousands of times: `means.mean`, which does not round, would take a loop over the rows.
    defined = ~np.isnan(values)
    return np.where(defined, values, 0).sum(axis=-1) / np.maximum(defined.sum(axis=-1), 1)
