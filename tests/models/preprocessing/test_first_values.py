"""First values of sparse columns against lists of lists, and how many operations they take."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from models.preprocessing.first_values import first_values


def sparse(rows: list[list], dtype: tf.DType) -> tf.SparseTensor:
    indices = [(row, place) for row, values in enumerate(rows) for place in range(len(values))]
    values = [value for row in rows for value in row]
    width = max(map(len, rows), default=0)
    return tf.SparseTensor(
        tf.reshape(tf.constant(indices, tf.int64), (-1, 2)), tf.constant(values, dtype), (len(rows), width)
    )


@st.composite
def columns_of_numbers(draw):
    """Columns of either type, in any order, whose records have no value, one, or several."""
    size = draw(st.integers(0, 4))
    kinds = {
        tf.float32: st.floats(width=32, allow_nan=False),
        tf.int64: st.integers(-(2**53), 2**53),
    }
    dtypes = draw(st.lists(st.sampled_from(list(kinds)), min_size=1, max_size=4))
    return [
        (dtype, draw(st.lists(st.lists(kinds[dtype], max_size=3), min_size=size, max_size=size)))
        for dtype in dtypes
    ]


@given(columns_of_numbers())
def test_the_first_value_of_each_record_counts(columns):
    joined = first_values([sparse(rows, dtype) for dtype, rows in columns], float("nan"), tf.float64)
    expected = [[float(values[0]) if values else np.nan for values in rows] for _, rows in columns]
    np.testing.assert_array_equal(joined, np.array(expected).T.reshape(-1, len(columns)))
    assert joined.dtype == tf.float64


def test_texts_are_joined_alike():
    columns = [sparse([["a", "b"], [], [""]], tf.string), sparse([[], ["é"], ["c"]], tf.string)]
    joined = first_values(columns, "none", tf.string)
    assert joined.numpy().tolist() == [[b"a", b"none"], [b"none", "é".encode()], [b"", b"c"]]


@pytest.mark.parametrize("dtype", [tf.float32, tf.string])
def test_more_columns_take_no_more_operations(dtype):
    def size(num_columns: int) -> int:
        specs = [tf.SparseTensorSpec([None, None], dtype)] * num_columns
        joined = tf.function(
            lambda *columns: first_values(columns, "" if dtype == tf.string else 0.0, dtype), specs
        )
        operations = joined.get_concrete_function().graph.get_operations()
        return len([one for one in operations if one.type != "Placeholder"])

    assert size(40) == size(2)
