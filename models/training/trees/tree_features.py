"""Features that trees are fitted on, as `TreeColumns` computes them in the graph."""

from dataclasses import dataclass

import numpy as np

from models.training.trees.category_statistics import category_statistics, ordered_statistics
from models.training.trees.tree_records import TreeRecords

# Statistics of the commonest classes alone: where there are more, the rarest have too few records to tell.
_MOST_CLASSES = 16


@dataclass(frozen=True)
class TreeFeatures:
    """Features of the training records, and how to make those of others.

    Attributes:
        train: Of the training records, float32 `(records, features)`, NaN where missing.
        one_hot: Whether each categorical column has a flag for each category, bool `(num_categorical,)`.
        statistics: Features of each category of the other columns, one column after the other, float32
            `(sum of their sizes, statistics)`.
        sizes: Number of categories of each categorical column.
    """

    train: np.ndarray
    one_hot: np.ndarray
    statistics: np.ndarray
    sizes: tuple[int, ...]

    def of(self, records: TreeRecords) -> np.ndarray:
        """Returns the features of other records, float32 `(records, features)`."""
        parts, first = [_numbers(records)], 0
        for column, size in enumerate(self.sizes):
            categories = records.categorical[:, column]
            if self.one_hot[column]:
                parts.append(_flags(categories, size))
            else:
                parts.append(self.statistics[first : first + size][categories])
                first += size
        return np.concatenate(parts, axis=1)


def tree_features(
    train: TreeRecords, num_classes: int, sizes: tuple[int, ...], one_hot_max_size: int, seed: int
) -> TreeFeatures:
    """Computes the features of training records.

    Args:
        train: The records.
        num_classes: Number of classes.
        sizes: Number of categories of each categorical column, unknown ones included.
        one_hot_max_size: Most categories, unknown ones aside, that each get a flag.
        seed: Decides the order of the records in `ordered_statistics`.
    """
    one_hot = np.array([size - 1 <= one_hot_max_size for size in sizes], bool)
    weights = np.ones(len(train)) if train.weights is None else train.weights / np.mean(train.weights)
    targets = train.labels[:, np.newaxis] == _told_classes(train.labels, num_classes)
    order = np.random.default_rng(seed).permutation(len(train))
    parts = [_numbers(train)]
    tables = [np.zeros((0, 1 + targets.shape[1]), np.float32)]
    for column, size in enumerate(sizes):
        categories = train.categorical[:, column]
        if one_hot[column]:
            parts.append(_flags(categories, size))
        else:
            parts.append(ordered_statistics(categories, size, targets, weights, order))
            tables.append(category_statistics(categories, size, targets, weights))
    return TreeFeatures(np.concatenate(parts, axis=1), one_hot, np.concatenate(tables), sizes)


def _told_classes(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Returns the classes whose shares are statistics: of two the second, of more the commonest."""
    if num_classes == 2:
        return np.array([1])
    commonest = np.argsort(-np.bincount(labels, minlength=num_classes), kind="stable")
    return commonest[:_MOST_CLASSES]


def _numbers(records: TreeRecords) -> np.ndarray:
    return np.where(records.missing > 0, np.nan, records.numeric).astype(np.float32)


def _flags(categories: np.ndarray, size: int) -> np.ndarray:
    return (categories[:, np.newaxis] == np.arange(size)).astype(np.float32)
