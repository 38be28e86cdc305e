"""What a column is bound to fail by is found before TensorFlow, with its name and the way out."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.stratified_example_gen import check_columns
from components.stratified_example_gen.check_data import check_data
from components.stratified_example_gen.settings import DataSettings
from core.errors import InputError


def rows(count, slip=None):
    """Rows of width, code, kind; the row `slip` has a text for its width."""
    return [
        ("wide" if row == slip else f"{row}.5", f"c{row % 5}", ("a", "b")[row % 2]) for row in range(count)
    ]


@pytest.fixture
def checked_table(write_csv):
    def checked(table, **more):
        path = write_csv(["width", "code", "kind"], table)
        return check_data(DataSettings(format="csv", path=str(path), label="kind", **more), 0)

    return checked


def test_a_good_table_passes(checked_table):
    assert checked_table(rows(100)) == {"a": 50, "b": 50}
    assert checked_table(rows(100), categorical=["code"]) == {"a": 50, "b": 50}


def test_stray_text_in_a_column_of_no_list_is_found_at_once(checked_table):
    with pytest.raises(
        InputError, match=r"'width' holds numbers in 99 of 100 cells, but 'wide' in table\.csv, row 8, and is"
    ):
        checked_table(rows(100, slip=7), categorical=["code"])


def test_stray_text_in_a_small_table_is_found_at_once(checked_table):
    with pytest.raises(
        InputError, match=r"'width' holds numbers in 99 of 100 cells, but 'wide' in table\.csv, row 100"
    ):
        checked_table(rows(100, slip=99))


def test_only_what_is_certain_is_refused_by_the_first_rows(checked_table, monkeypatch):
    monkeypatch.setattr(check_columns, "_MOST_ROWS", 50)
    checked_table(rows(100, slip=7))  # Of all rows, many more might be texts.
    with pytest.raises(InputError, match="in 49 of 50 cells"):
        checked_table(rows(100, slip=7), categorical=["code"])
    checked_table(rows(100, slip=99), categorical=["code"])


def test_several_values_in_a_cell_are_refused_unless_dropped(tmp_path):
    table = pa.table({"kind": ["a", "b"] * 5, "x": [[1, 2]] * 10, "y": [{"z": 1}] * 10, "w": range(10)})
    pq.write_table(table, tmp_path / "t.parquet")
    settings = {"format": "parquet", "path": str(tmp_path / "t.parquet"), "label": "kind"}
    with pytest.raises(
        InputError, match=r"column 'x' holds several values in a cell \(its type is list.*data\.drop"
    ):
        check_data(DataSettings(**settings), 0)
    with pytest.raises(InputError, match="column 'y' holds several values"):
        check_data(DataSettings(**settings, drop=["x"]), 0)
    assert check_data(DataSettings(**settings, drop=["x", "y"]), 0) == {"a": 5, "b": 5}
    with pytest.raises(InputError, match="column 'x' holds several values"):
        check_data(DataSettings(**settings | {"label": "x"}, drop=["y"]), 0)


def test_schema_without_the_class_is_refused(checked_table, tmp_path):
    schema = tmp_path / "schema.pbtxt"
    schema.write_text('feature { name: "Kind" type: BYTES } feature { name: "width" type: FLOAT }')
    with pytest.raises(
        InputError, match=r"has no feature 'kind', which is data\.label\. Did you mean 'Kind'"
    ):
        checked_table(rows(10), schema=str(schema))
    schema.write_text("no schema at all {")
    with pytest.raises(InputError, match=r"data\.schema: \S+ cannot be read as a schema"):
        checked_table(rows(10), schema=str(schema))
