import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.imbalance_validator.digests import row_digests, text_digests

KINDS = {
    "n": (pa.large_list(pa.float32()), st.floats(width=32, allow_nan=False)),
    "i": (pa.large_list(pa.int64()), st.integers(-(2**63), 2**63 - 1)),
    "t": (pa.large_list(pa.large_binary()), st.binary(max_size=4)),
}
RECORDS = st.lists(
    st.fixed_dictionaries({name: st.lists(values, max_size=3) for name, (_, values) in KINDS.items()}),
    min_size=1,
    max_size=12,
)


def batch_of(records, names="nit"):
    arrays = [pa.array([record[name] for record in records], KINDS[name][0]) for name in names]
    return pa.RecordBatch.from_arrays(arrays, list(names))


def distinct(digests):
    return len(np.unique(digests, axis=0))


@given(RECORDS)
def test_digests_are_equal_exactly_for_equal_records(records):
    # Negative zero equals zero, in Python's tuples too.
    contents = {tuple((name, tuple(record[name])) for name in "nit") for record in records}
    assert distinct(row_digests(batch_of(records), ())) == len(contents)


@given(RECORDS)
def test_batches_and_the_order_of_columns_play_no_part(records):
    whole = row_digests(batch_of(records), ())
    alone = np.concatenate([row_digests(batch_of([record], "tin"), ()) for record in records])
    np.testing.assert_array_equal(whole, alone)


def test_a_missing_column_is_as_an_empty_or_a_null_one():
    type_ = KINDS["n"][0]
    other = pa.array([[1.0]], type_)
    without = row_digests(pa.RecordBatch.from_arrays([other], ["n"]), ())
    for empty in (pa.array([[]], type_), pa.array([None], type_), pa.nulls(1)):
        batch = pa.RecordBatch.from_arrays([other, empty], ["n", "m"])
        np.testing.assert_array_equal(row_digests(batch, ()), without)


def test_columns_left_out_play_no_part():
    first, second = ({"n": [1.0], "i": [7], "t": [text]} for text in (b"a", b"b"))
    assert distinct(row_digests(batch_of([first, second]), ("t",))) == 1
    assert distinct(row_digests(batch_of([first, second]), ())) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"n": [1.0], "i": [], "t": []}, {"n": [], "i": [1], "t": []}),
        ({"n": [1.0, 2.0], "i": [], "t": []}, {"n": [2.0, 1.0], "i": [], "t": []}),
        ({"n": [], "i": [1, 1], "t": []}, {"n": [], "i": [1], "t": []}),
    ],
)
def test_place_and_column_of_a_value_count(first, second):
    assert distinct(row_digests(batch_of([first, second]), ())) == 2


def test_all_that_is_not_a_number_is_equal():
    odd = np.array([0x7FC00001, 0xFFC00000], np.uint32).view(np.float32)
    batch = pa.RecordBatch.from_arrays([pa.array([[value] for value in odd], KINDS["n"][0])], ["n"])
    assert distinct(row_digests(batch, ())) == 1


def test_text_digests_of_nothing_have_their_shape():
    assert text_digests([]).shape == (0, 2)
