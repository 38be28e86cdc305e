"""Records of a table as trees are fitted on them."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class TreeRecords:
    """The columns of transformed records, with labels.

    Attributes:
        numeric: Normal scores, float `(records, num_numeric)`.
        missing: Flags of missing numbers, 0 or 1, `(records, num_numeric)`.
        categorical: Indices, int `(records, num_categorical)`; column i in [0, categorical_sizes[i]).
        labels: Class indices, int `(records,)`.
        weights: Weights of the records, float `(records,)`, none below 0 and one at least above; None weighs all alike.

    Raises:
        ValueError: Arrays differ in length.
    """

    numeric: np.ndarray
    missing: np.ndarray
    categorical: np.ndarray
    labels: np.ndarray
    weights: np.ndarray | None = None

    def __post_init__(self) -> None:
        arrays = [self.numeric, self.missing, self.categorical, self.labels]
        arrays += [] if self.weights is None else [self.weights]
        if len({len(array) for array in arrays}) > 1 or self.numeric.shape != self.missing.shape:
            raise ValueError(
                "`numeric`, `missing`, `categorical`, `labels` and `weights` must hold the same records. "
                f"Received: shapes {', '.join(str(array.shape) for array in arrays)}"
            )

    def __len__(self) -> int:
        return len(self.labels)

    def taken(self, rows: np.ndarray) -> "TreeRecords":
        """Returns some of the records: positions or a mask, `(records,)`."""
        weights = None if self.weights is None else self.weights[rows]
        return TreeRecords(
            self.numeric[rows], self.missing[rows], self.categorical[rows], self.labels[rows], weights
        )
