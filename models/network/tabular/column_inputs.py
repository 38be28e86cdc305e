"""Inputs of a table's columns."""

from typing import Any

import keras


def column_inputs(num_numeric: int, categorical_sizes: tuple[int, ...]) -> dict[str, Any]:
    """Makes the symbolic inputs of a table's columns.

    Args:
        num_numeric: Number of numeric columns.
        categorical_sizes: Number of categories of each categorical column, unknown ones included.

    Returns:
        `numeric`, float32 `(batch, num_numeric)`, normal scores with the median's where missing, and
        `missing`, float32 `(batch, num_numeric)`, 1 where missing and else 0, if there is a numeric column;
        `categorical`, int64 `(batch, num_categorical)` indices, if there is a categorical one.

    Raises:
        ValueError: There is no column.
    """
    if not num_numeric and not categorical_sizes:
        raise ValueError(
            "A table needs at least one column. Received: num_numeric=0 and categorical_sizes=(). "
            "Name columns in `data.numeric` or `data.categorical`."
        )
    inputs = {}
    if num_numeric:
        inputs["numeric"] = keras.Input((num_numeric,), name="numeric", dtype="float32")
        inputs["missing"] = keras.Input((num_numeric,), name="missing", dtype="float32")
    if categorical_sizes:
        inputs["categorical"] = keras.Input((len(categorical_sizes),), name="categorical", dtype="int64")
    return inputs
