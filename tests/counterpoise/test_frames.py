"""Data frames, arrays and mappings as the tables that the pipeline reads."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.stratified_example_gen.parquet_table import as_text
from core.errors import InputError
from counterpoise.frames import as_frame, with_label, write_table


def test_an_arrays_columns_are_numbered_and_a_mapping_keeps_its_names():
    assert list(as_frame(np.zeros((3, 2))).columns) == ["x0", "x1"]
    assert list(as_frame({"width": [1.0, 2.0], "line": ["a", "b"]}).columns) == ["width", "line"]
    assert list(as_frame(pd.DataFrame({2020: [1]})).columns) == ["2020"]


@pytest.mark.parametrize(
    ("records", "part"),
    [
        (np.zeros(3), "shape (records, columns). Received: (3,)"),
        ([[1, 2]], "Received: list"),
        ({"a": [1], "b": [1, 2]}, "one length"),
        (pd.DataFrame([[1, 2]], columns=["1", 1]), "'1' more than once"),
    ],
)
def test_what_makes_no_table_is_refused_in_one_sentence(records, part):
    with pytest.raises(InputError, match=r".+") as refused:
        as_frame(records)
    assert part in str(refused.value)


def test_classes_become_a_column_unless_one_has_their_name():
    frame, name = with_label(np.zeros((2, 1)), ["good", "bad"])
    assert name == "label" and list(frame["label"]) == ["good", "bad"]
    assert with_label(frame, "label")[0].equals(frame)
    for label, part in (
        ("lable", "Columns: x0, label"),
        ([1], "2 records"),
        (["a", "b"], "column 'label' already"),
    ):
        with pytest.raises(InputError, match=part):
            with_label(frame, label)


@settings(max_examples=30)
@given(st.lists(st.floats(width=64), min_size=1, max_size=20))
def test_numbers_are_read_back_as_they_were(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("table") / "frame.parquet"
    write_table(pd.DataFrame({"a": values}), path)
    texts = [as_text(value) for value in pq.read_table(path)["a"].to_pylist()]
    assert [float(text) if text else np.nan for text in texts] == pytest.approx(values, rel=0, nan_ok=True)


def test_an_equal_frame_leaves_its_file_alone_and_another_does_not(tmp_path):
    path = tmp_path / "frame.parquet"
    write_table(pd.DataFrame({"a": [1, 2]}, index=[5, 6]), path)
    written = path.stat()
    write_table(pd.DataFrame({"a": [1, 2]}), path)
    assert path.stat().st_mtime_ns == written.st_mtime_ns and path.stat().st_ino == written.st_ino
    write_table(pd.DataFrame({"a": [1, 3]}), path)
    assert pq.read_table(path)["a"].to_pylist() == [1, 3]


def test_a_column_of_several_types_is_refused(tmp_path):
    with pytest.raises(InputError, match="Give each column one type"):
        write_table(pd.DataFrame({"a": [1, "x", [2]]}), tmp_path / "frame.parquet")
