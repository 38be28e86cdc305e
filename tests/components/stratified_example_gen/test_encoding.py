"""Records become columns of typed values."""

import numpy as np
import pyarrow as pa
import pytest

from components.stratified_example_gen.encoding import record_columns
from components.stratified_example_gen.records import Record

RECORDS = [
    Record(
        "t.csv, row 1", "größer", {"count": "+07", "width": "1e-2", "line": "süd", "unused": "x"}, b"\x89PNG"
    ),
    Record(
        "t.csv, row 2", "small", {"count": None, "width": None, "line": None, "unused": None}, b"\xff\xd8"
    ),
]
ROLES = {"count": "integer", "width": "number", "line": "category"}


def test_columns_stand_in_a_fixed_order():
    assert list(record_columns(RECORDS, ROLES, "kind", "photo")) == [
        "record_key",
        "kind",
        "photo",
        "count",
        "width",
        "line",
    ]
    assert list(record_columns(RECORDS, {}, "kind", None)) == ["record_key", "kind"]


def test_sets_are_told_where_there_are_any():
    columns = record_columns(RECORDS[:2], {}, "kind", None, np.array([0, 2**62 + 1]))
    assert list(columns) == ["record_key", "record_set", "kind"]
    assert columns["record_set"].to_pylist() == [None, [2**62 + 1]]


def test_values_are_typed_and_missing_ones_are_null():
    columns = record_columns(RECORDS, ROLES, "kind", "photo")
    assert columns["record_key"].to_pylist() == [[b"t.csv, row 1"], [b"t.csv, row 2"]]
    assert columns["kind"].to_pylist() == [["größer".encode()], [b"small"]]
    assert columns["photo"].to_pylist() == [[b"\x89PNG"], [b"\xff\xd8"]]
    assert columns["count"].to_pylist() == [[7], None]
    assert columns["width"].to_pylist() == [[pytest.approx(0.01)], None]
    assert columns["line"].to_pylist() == [["süd".encode()], None]


def test_a_class_loses_what_nobody_sees():
    record = Record("k", "cafe\u0301\u200b ")
    assert record_columns([record], {}, "kind", None)["kind"].to_pylist() == [["café".encode()]]


def test_categories_have_one_spelling_and_numbers_keep_theirs():
    cells = ["3", "3.0", "True", "01", "cafe\u0301\nau lait", "\u200b"]
    records = [Record("k", "a", {"line": cell}) for cell in cells]
    column = record_columns(records, {"line": "category"}, "kind", None)["line"].to_pylist()
    assert column == [[b"3"], [b"3"], [b"true"], [b"01"], ["café au lait".encode()], None]
    column = record_columns(records[:2], {"line": "number"}, "kind", None)["line"].to_pylist()
    assert column == [[3.0], [3.0]]


def test_types_do_not_depend_on_what_is_missing():
    full, empty = (
        record_columns(RECORDS[:1], ROLES, "kind", None),
        record_columns(RECORDS[1:], ROLES, "kind", None),
    )
    assert {name: column.type for name, column in full.items()} == {
        name: column.type for name, column in empty.items()
    }
    assert full["count"].type == pa.list_(pa.int64())
    assert full["width"].type == pa.list_(pa.float32())
    assert full["line"].type == pa.list_(pa.binary())


@pytest.mark.parametrize(
    ("role", "cell", "value"),
    [
        ("number", "1,234.5", 1234.5),
        ("number", "1 234,5", 1234.5),
        ("number", "inf", None),
        ("number", "-", None),
        ("number", "1e39", None),
        ("integer", "1600000000001.0", 1_600_000_000_001),
        ("integer", "1.6e12", 1_600_000_000_000),
        ("integer", "1'234'567", 1_234_567),
        ("integer", "unknown", None),
        ("integer", "inf", None),
        ("category", "-", b"-"),
        ("category", "1,234", b"1,234"),
    ],
)
def test_cells_are_read_as_their_column_is(role, cell, value):
    [read] = record_columns([Record("k", "a", {"c": cell})], {"c": role}, "kind", None)["c"].to_pylist()
    assert read == (None if value is None else [value])


def test_integers_keep_every_digit():
    record = Record("k", "a", {"count": "-999999999999999999"})
    assert record_columns([record], {"count": "integer"}, "kind", None)["count"].to_pylist() == [
        [-(10**18) + 1]
    ]
