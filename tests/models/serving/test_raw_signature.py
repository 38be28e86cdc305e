"""How inputs are called, and how named tensors become raw features."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from models.serving.raw_signature import input_names, input_specs, raw_columns, raw_features, to_sparse


def sparse(values, dtype: tf.DType) -> tf.SparseTensor:
    [column] = to_sparse(tf.constant(values, tf.string if dtype == tf.string else tf.float64)[:, None], dtype)
    return column


def dense(sparse: tf.SparseTensor) -> list[list]:
    """Returns the values held by each record."""
    rows = [[] for _ in range(sparse.dense_shape.numpy()[0])]
    for (row, _), value in zip(sparse.indices.numpy(), sparse.values.numpy(), strict=True):
        rows[row].append(value)
    return rows


def test_a_plain_name_stays_whatever_else_becomes_of_others():
    assert input_names(["weight / kg", "weight___kg", "Age", "age"]) == {
        "weight / kg": "weight___kg_2",
        "weight___kg": "weight___kg",
        "Age": "age_2",
        "age": "age",
    }


def test_names_that_no_function_may_have_get_a_word_before_them():
    assert input_names(["2nd", "größe", "self", "_x", "é"]) == {
        "2nd": "feature_2nd",
        "größe": "gr__e",
        "self": "feature_self",
        "_x": "feature__x",
        "é": "feature__",
    }


def test_a_number_behind_a_name_is_not_taken_either():
    names = input_names(["a b", "a-b", "a+b", "a_b_2"])
    assert names == {"a b": "a_b", "a-b": "a_b_4", "a+b": "a_b_3", "a_b_2": "a_b_2"}


def test_label_and_key_are_no_inputs():
    dtypes = {"width": tf.float32, "kind": tf.string, "record_key": tf.string, "age": tf.int64}
    assert list(raw_features(dtypes, "kind")) == ["age", "width"]


def test_missing_values_are_left_out():
    number = sparse([np.nan, 1.5, np.inf], tf.float32)
    assert dense(number) == [[], [1.5], [np.inf]]
    assert dense(sparse(["", "a", " "], tf.string)) == [[], [b"a"], [b" "]]
    assert sparse([], tf.float32).dense_shape.numpy().tolist() == [0, 1]


def test_numbers_are_doubles_whatever_the_column_holds():
    specs = input_specs({"Width / m": tf.float32, "count": tf.int64, "kind": tf.string})
    assert {name: spec.dtype for name, spec in specs.items()} == {
        "width___m": tf.float64,
        "count": tf.float64,
        "kind": tf.string,
    }


def test_whole_numbers_are_rounded_and_bounded():
    whole = sparse([2.6, np.nan, np.inf, -1e30, 16777217.0, 2.5], tf.int64)
    assert whole.dtype == tf.int64
    assert dense(whole) == [[3], [], [], [-9 * 10**18], [2**24 + 1], [2]]


@given(st.integers(-(2**53), 2**53))
def test_whole_numbers_are_exact_up_to_those_of_a_double(number):
    assert dense(sparse([number], tf.int64)) == [[number]]


def test_other_numbers_are_what_an_example_holds_of_them():
    number = sparse([0.1, 1e39], tf.float32)
    assert number.values.numpy().tolist() == [float(np.float32(0.1)), np.inf]


def test_columns_of_all_types_are_told_apart_again():
    features = {"a b": tf.float32, "count": tf.int64, "kind": tf.string, "width": tf.float32}
    inputs = {
        "a_b": tf.constant([1.5, np.nan], tf.float64),
        "count": tf.constant([np.nan, 3.0], tf.float64),
        "kind": tf.constant(["x", ""]),
        "width": tf.constant([2.5, 4.0], tf.float64),
    }
    raw, size = raw_columns(inputs, features)
    assert list(raw) == list(features) and int(size) == 2
    assert {name: column.dtype for name, column in raw.items()} == features
    held = {name: dense(column) for name, column in raw.items()}
    assert held == {
        "a b": [[1.5], []],
        "count": [[], [3]],
        "kind": [[b"x"], []],
        "width": [[2.5], [4.0]],
    }


def test_an_empty_batch_becomes_a_record_of_nothing():
    features = {"count": tf.int64, "kind": tf.string}
    inputs = {"count": tf.constant([], tf.float64), "kind": tf.constant([], tf.string)}
    raw, size = raw_columns(inputs, features)
    assert int(size) == 0 and [dense(column) for column in raw.values()] == [[[]], [[]]]


def test_the_input_that_is_not_as_long_as_the_first_is_named():
    features = {"age": tf.float32, "kind": tf.string, "width": tf.float32}
    inputs = {name: tf.zeros([2], tf.float64) for name in ("age", "width")} | {"kind": tf.constant(["a"])}
    with pytest.raises(tf.errors.InvalidArgumentError, match="Expected as many kind as other inputs"):
        raw_columns(inputs, features)


def test_more_columns_take_no_more_operations():
    def size(num_columns: int) -> int:
        features = {f"column_{number}": tf.float32 for number in range(num_columns)}
        joined = tf.function(lambda **inputs: raw_columns(inputs, features)[0], autograph=False)
        graph = joined.get_concrete_function(**input_specs(features)).graph
        return len([one for one in graph.get_operations() if one.type not in ("Placeholder", "Identity")])

    assert size(40) == size(2)
