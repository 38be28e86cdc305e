"""Tensors in the JSON of an answer, read again by Python's own reader."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.serving.server.json_document import rows_to_json, to_json, write
from models.serving.server.json_tensors import COLUMNS, ROWS, write_predictions

SHAPES = arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3)
NUMBERS = st.sampled_from(
    [np.float16, np.float32, np.float64, np.int8, np.uint8, np.int32, np.int64, np.uint64, bool]
)


def expected(tensor):
    """Returns nested lists of Python's numbers, with a float32's shortest."""
    if tensor.dtype.kind == "f" and tensor.dtype != np.float64:
        return tensor.astype(np.float32).astype(str).astype(np.float64).tolist()
    return tensor.tolist()


def same(found, wanted):
    # As text: NaN is not equal to itself, and True is 1.
    return json.dumps(found) == json.dumps(wanted)


@given(NUMBERS.flatmap(lambda dtype: arrays.arrays(dtype, SHAPES)), st.booleans())
def test_numbers_are_read_as_they_were(tensor, backwards):
    tensor = tensor[::-1] if backwards else tensor
    assert same(json.loads(write({"all": to_json(tensor, False)}))["all"], expected(tensor))
    assert same(json.loads(write({"rows": rows_to_json(tensor, False)}))["rows"], expected(tensor))


@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 2))))
def test_rows_and_columns_hold_the_same(tensor):
    tensors = {"score": tensor, "place": np.arange(len(tensor))}
    rows = json.loads(write(write_predictions(tensors, ROWS)))["predictions"]
    columns = json.loads(write(write_predictions(tensors, COLUMNS)))["outputs"]
    assert same([row["score"] for row in rows], columns["score"])
    assert [row["place"] for row in rows] == columns["place"]


def test_a_single_output_stands_without_its_name():
    scores = {"score": np.array([0.2, 0.5], np.float32)}
    assert write(write_predictions(scores, ROWS)) == b'{"predictions":[0.2,0.5]}'
    assert write(write_predictions(scores, COLUMNS)) == b'{"outputs":[0.2,0.5]}'


def test_what_is_no_number_is_written_as_tensorflow_serving_does():
    tensor = np.array([[np.nan, 0.2], [np.inf, -np.inf]], np.float32)
    assert write({"x": to_json(tensor, False)}) == b'{"x":[[NaN,0.2],[Infinity,-Infinity]]}'
    assert write({"x": to_json(tensor[0, 0], False)}) == b'{"x":NaN}'
    assert write({"x": rows_to_json(tensor, False)}) == b'{"x":[[NaN,0.2],[Infinity,-Infinity]]}'


def test_strings_are_text_or_base64():
    tensor = np.array([b"gr\xc3\xb6\xc3\x9fer", b"\xff"], object)
    assert json.loads(write({"x": to_json(tensor, False)}))["x"] == ["größer", "\ufffd"]
    assert json.loads(write({"x": rows_to_json(tensor, True)}))["x"] == [
        {"b64": "Z3LDtsOfZXI="},
        {"b64": "/w=="},
    ]


@pytest.mark.parametrize("text", ["half \ud800 of a pair", "größer"])
def test_a_message_that_quotes_any_text_can_be_written(text):
    assert json.loads(write({"error": text})) == {"error": text}
