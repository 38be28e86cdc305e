"""Transformed records as arrays."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rows:
    """Columns of transformed records.

    Attributes:
        numeric: float32 `(rows, numeric columns)`, normal scores.
        flags: float32 `(rows, numeric columns)`, 1 where the value was imputed.
        categories: int64 `(rows, categorical columns)`, index of the category.
    """

    numeric: np.ndarray
    flags: np.ndarray
    categories: np.ndarray

    def __len__(self) -> int:
        return len(self.numeric)

    def take(self, rows: np.ndarray) -> "Rows":
        """Returns the rows at these positions."""
        return Rows(self.numeric[rows], self.flags[rows], self.categories[rows])

    def discrete(self) -> np.ndarray:
        """Returns flags and categories side by side, float64 `(rows, columns)`."""
        return np.hstack([self.flags, self.categories]).astype(np.float64)

    @classmethod
    def joined(cls, numeric: np.ndarray, discrete: np.ndarray, num_flags: int) -> "Rows":
        """Makes rows of numbers and of what `discrete` returns."""
        return cls(
            np.asarray(numeric, np.float32),
            np.asarray(discrete[:, :num_flags], np.float32),
            np.asarray(discrete[:, num_flags:], np.int64),
        )

    @classmethod
    def concatenate(cls, parts: list["Rows"]) -> "Rows":
        return cls(
            np.concatenate([part.numeric for part in parts]),
            np.concatenate([part.flags for part in parts]),
            np.concatenate([part.categories for part in parts]),
        )
