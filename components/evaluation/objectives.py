"""What class weights are chosen for: scores computed from a confusion's margins."""

from collections.abc import Callable

import numpy as np

# Hits, decisions and support of every class, float `(..., classes)`, to a score `(...)`; higher is better.
Objective = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]

# A floor that is missed outweighs whatever macro-F1 can offer.
_FLOOR_WEIGHT = 1e3


def macro_f1(hits: np.ndarray, decided: np.ndarray, support: np.ndarray) -> np.ndarray:
    """Returns the mean of the classes' `2 hits / (support + decided)`; classes without either are left out."""
    sizes = support + decided
    f1 = np.divide(2 * hits, sizes, out=np.zeros(hits.shape), where=sizes > 0)
    return f1.sum(axis=-1) / np.maximum((sizes > 0).sum(axis=-1), 1)


def balanced_accuracy(hits: np.ndarray, decided: np.ndarray, support: np.ndarray) -> np.ndarray:
    """Returns the mean of the classes' recalls; classes without a record are left out."""
    recalls = np.divide(hits, support, out=np.zeros(hits.shape), where=support > 0)
    return recalls.sum(axis=-1) / np.maximum((support > 0).sum(axis=-1), 1)


def with_recall_floor(floors: np.ndarray) -> Objective:
    """Returns macro-F1, lowered where a class's recall is below its floor.

    Args:
        floors: Recall wanted of each class, `(classes,)`; 0 where none is.
    """

    def objective(hits: np.ndarray, decided: np.ndarray, support: np.ndarray) -> np.ndarray:
        recalls = np.divide(hits, support, out=np.ones(hits.shape), where=support > 0)
        return macro_f1(hits, decided, support) - _missed(floors, recalls)

    return objective


def with_precision_floor(floors: np.ndarray) -> Objective:
    """Returns macro-F1, lowered where a class's precision is below its floor.

    A class that is never decided for has no precision and keeps its floor.

    Args:
        floors: Precision wanted of each class, `(classes,)`; 0 where none is.
    """

    def objective(hits: np.ndarray, decided: np.ndarray, support: np.ndarray) -> np.ndarray:
        precisions = np.divide(hits, decided, out=np.ones(hits.shape), where=decided > 0)
        return macro_f1(hits, decided, support) - _missed(floors, precisions)

    return objective


def _missed(floors: np.ndarray, values: np.ndarray) -> np.ndarray:
    # 12 of 15 is not less than 0.8.
    return _FLOOR_WEIGHT * np.maximum(floors - values - 1e-9, 0).sum(axis=-1)
