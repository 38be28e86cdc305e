"""Frequent, middling and rare classes."""

import numpy as np

from models.network.class_weights import checked_counts


def group_by_count(class_counts: np.ndarray) -> list[list[int]]:
    """Splits classes into groups by their number of training records.

    Above 100 records, 20 to 100, and below 20, the usual bounds of long-tailed recognition, where each of
    the three gets a class. Otherwise thirds of the classes in the order of their counts; two groups of one
    class each where there are two.

    Example: counts `[500, 30, 5, 200]` make `[[0, 3], [1], [2]]`; `[900, 800, 700]` make `[[0], [1], [2]]`.

    Args:
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.

    Returns:
        Groups of class indices, the most frequent first; each class is in one, and none is empty.

    Raises:
        ValueError: There are fewer than two classes, or one has no record.
    """
    counts = checked_counts(class_counts)
    by_bounds = [
        np.flatnonzero(inside) for inside in (counts > 100, (counts >= 20) & (counts <= 100), counts < 20)
    ]
    if all(group.size for group in by_bounds):
        return [group.tolist() for group in by_bounds]
    # Stable, so that classes of the same count keep their order on every machine.
    by_count = np.argsort(-counts, kind="stable")
    return [sorted(group.tolist()) for group in np.array_split(by_count, min(3, counts.size))]
