"""A cell of new data means what it meant in training."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.stratified_example_gen.columns import column_roles
from components.stratified_example_gen.encoding import record_columns
from components.stratified_example_gen.index import index_records
from components.stratified_example_gen.records import BadRecord
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.sources import open_source
from components.unlabelled_example_gen.sources import open_unlabelled

KINDS = {"integer": "whole", "number": "number", "category": "text"}
CELLS = [
    *("7", "-2.5", "1e3", "1,234", "1,234,567.5", "1 234", "1'234", "16777217.0", "1600000000001", "9" * 30),
    *("", "NA", "None", "<NA>", "#DIV/0!", "-", "unknown", "n.a.", "inf", "-Infinity", "1e999", "-nan"),
]


def read_all(source):
    return [record for chunk in source.chunks() for record in source.read(chunk)]


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.sampled_from(CELLS), min_size=3, max_size=12))
def test_numbers_and_missing_cells_are_read_as_in_training(tmp_path, cells):
    path = tmp_path / "t.csv"
    rows = [f'"{cell}",{"ab"[row % 2]}' for row, cell in enumerate(["5", "6", *cells, *"7" * len(cells)])]
    path.write_text("\n".join(["c,kind", *rows]) + "\n")
    trained = read_all(open_source(DataSettings(format="csv", path=str(path), label="kind"), 0))
    roles = column_roles(index_records(iter(trained), 1).tallies, "auto", "auto")
    assert roles["c"] != "category"
    new = read_all(open_unlabelled(str(path), {"c": KINDS[roles["c"]]}, 1))
    was, now = (record_columns(records, roles, None, None)["c"] for records in (trained, new))
    assert was.equals(now)
    # As `predict` takes them.
    floats = [math.nan if record.cells["c"] is None else float(record.cells["c"]) for record in new]
    held = [math.nan if values is None else values[0] for values in was.to_pylist()]
    assert floats == pytest.approx(held, nan_ok=True)


@pytest.mark.parametrize("cell", ["wide", "5 %", "$5", "2024-01-01", "0x1F"])
def test_text_where_the_model_takes_a_number_is_no_record(tmp_path, cell):
    (tmp_path / "t.csv").write_text(f"c\n{cell}\n")
    [record] = read_all(open_unlabelled(str(tmp_path / "t.csv"), {"c": "number"}, 1))
    assert isinstance(record, BadRecord)
    assert record.why == f"holds {cell!r} in column 'c', which the model takes for a number"


def test_words_stay_what_they_are_where_the_model_takes_text(tmp_path):
    (tmp_path / "t.csv").write_text("c,d\n-,1\ninf,2\nnone,3\nNA,4\n")
    records = read_all(open_unlabelled(str(tmp_path / "t.csv"), {"c": "text"}, 1))
    assert [record.cells["c"] for record in records] == ["-", "inf", "none", None]
