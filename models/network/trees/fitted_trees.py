"""Fitted trees as arrays: all that the layers need."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np


@dataclass(frozen=True)
class FittedTrees:
    """Gradient-boosted oblivious trees, and the tables that turn categories into their features.

    Features are numbered through: the numbers, NaN where missing; the flags of the categories of each column that
    has flags; the statistics of each combination of categories.

    Attributes:
        num_numeric: Number of numeric columns.
        categorical_sizes: Number of categories of each categorical column, unknown ones included.
        one_hot: Whether each categorical column has a flag for each category, bool `(num_categorical,)`.
        condition_features: Number or flag of each condition, int32 `(num_conditions,)`.
        condition_borders: What it lies above where the condition holds, float32 `(num_conditions,)`.
        strides: What a category of each column and, after them, each condition that holds adds to a row's number, int32
            `(num_categorical + num_conditions, num_combinations)`.
        offsets: First row of each combination, int32 `(num_combinations,)`.
        statistics: Of each combination of categories, float32 `(rows, num_statistics)`.
        border_features: Feature of each border, int32 `(num_borders,)`.
        borders: Values that a feature lies above or not, float32 `(num_borders,)`.
        splits: Numbers of each tree's borders, the lowest bit of the leaf's number first, int32 `(num_trees, depth)`.
        leaf_values: Raw values of the leaves, float32 `(num_trees, 2^depth, outputs)`.
        bias: Raw values before any tree, float32 `(outputs,)`; outputs are 1 for two classes, the second one's log
            odds, and otherwise one for each class.
    """

    num_numeric: int
    categorical_sizes: tuple[int, ...]
    one_hot: np.ndarray
    condition_features: np.ndarray
    condition_borders: np.ndarray
    strides: np.ndarray
    offsets: np.ndarray
    statistics: np.ndarray
    border_features: np.ndarray
    borders: np.ndarray
    splits: np.ndarray
    leaf_values: np.ndarray
    bias: np.ndarray

    @property
    def num_classes(self) -> int:
        return max(2, len(self.bias))

    @property
    def num_trees(self) -> int:
        return len(self.splits)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Returns all of it as arrays by name, as `np.savez` takes them."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        sizes = np.array(self.categorical_sizes, np.int64)
        return {**values, "num_numeric": np.array(self.num_numeric), "categorical_sizes": sizes}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "FittedTrees":
        """Takes the arrays back, as from what `np.load` returns.

        Raises:
            ValueError: One is missing.
        """
        names = [field.name for field in fields(cls)]
        if missing := [name for name in names if name not in arrays]:
            raise ValueError(f"Expected the arrays {', '.join(names)}. Missing: {', '.join(missing)}")
        values: dict[str, Any] = {name: np.asarray(arrays[name]) for name in names}
        sizes = tuple(int(size) for size in values["categorical_sizes"])
        return cls(**{**values, "num_numeric": int(values["num_numeric"]), "categorical_sizes": sizes})
