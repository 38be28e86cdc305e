"""Cells are set apart by what the header and the rows agree about, and the choice is told."""

import csv
import gzip
import io
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.stratified_example_gen.csv.table import CsvTable, read_header
from core.errors import InputError


def write(folder, text, name="t.csv"):
    path = Path(folder) / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return str(path)


def table(path, columns=()):
    return CsvTable({None: path}, columns, (), "Class", None, None, 1000)


@pytest.mark.parametrize(
    ("text", "separator", "columns"),
    [
        ("Length, mm;Width, mm;Class\n1;2;good\n", ";", ("Length, mm", "Width, mm", "Class")),
        # Three cells by commas too, in every row.
        ("Length, mm;Width, mm;Class\n1,5;2,5;good\n", ";", ("Length, mm", "Width, mm", "Class")),
        ("Length, mm;Width, mm;Class\n", ";", ("Length, mm", "Width, mm", "Class")),
        ("Length, mm\tWidth, mm\tClass\n1,5\t2,5\tgood\n", "\t", ("Length, mm", "Width, mm", "Class")),
        ("size,a|b,Class\n1,x|y,good\n", ",", ("size", "a|b", "Class")),
        ("a,b;c,d;Class\n1,2;3,4;good\n", ";", ("a,b", "c,d", "Class")),
        # Ragged rows, and prose with commas.
        ("id;note, long;Class\n1;a, b;x\n2;c\n3;d, e;f;x\n4;g;y\n", ";", ("id", "note, long", "Class")),
        ("name, age, Class\nBob, 3, x\nAnn, 4\n", ",", ("name", "age", "Class")),
        # What is quoted sets nothing apart.
        ('"a;b;c;d",Class\n"1;2;3;4",x\n', ",", ("a;b;c;d", "Class")),
        ('"a, b, c";Class\n"1, 2, 3";x\n', ";", ("a, b, c", "Class")),
        # A single column.
        ("Class\n1,5\n2,5\n", ";", ("Class",)),
        ("Class\na\n", ",", ("Class",)),
        ("Weight, kg\n12\n13\n", ";", ("Weight, kg",)),
        # A tie: as many cells, as clean; the first of comma, semicolon, tab, bar.
        ("a,b;c\n", ",", ("a", "b;c")),
        ("a;b,\na;b,\n", ";", ("a", "b,")),
        # No row agrees: the header's own.
        ("a;b;c\n1;2\n3;4\n", ";", ("a", "b", "c")),
    ],
)
def test_separator_is_the_one_that_header_and_rows_agree_about(tmp_path, text, separator, columns):
    for name in ("t.csv", "t.csv.gz"):
        header = read_header(write(tmp_path, text, name))
        assert (header.delimiter, header.columns) == (separator, columns)


# Prose with every separator in it, none of them between two letters; and numbers with a decimal comma.
prose = st.lists(st.sampled_from(["a", "b,", "c;", "d |", "é"]), min_size=1, max_size=4).map(" ".join)
numbers = st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda parts: f"{parts[0]},{parts[1]}")


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_what_was_written_with_a_separator_is_read_with_it(data):
    mark = data.draw(st.sampled_from(",;\t|"))
    width = data.draw(st.integers(2, 5))
    names = data.draw(st.lists(prose, min_size=width, max_size=width, unique=True))
    columns = [data.draw(st.sampled_from([prose, numbers])) for _ in range(width)]
    rows = data.draw(st.lists(st.tuples(*columns), min_size=1, max_size=8))
    text = io.StringIO()
    csv.writer(text, delimiter=mark, lineterminator="\n").writerows([names, *rows])
    with tempfile.TemporaryDirectory() as folder:
        header = read_header(write(folder, text.getvalue()))
    assert (header.delimiter, header.columns) == (mark, tuple(names))


def test_header_and_rows_set_apart_by_different_marks_are_refused(tmp_path):
    path = write(tmp_path, "a,b,Class\n1;2;x\n3;4;y\n")
    with pytest.raises(InputError, match=re.escape("set apart by ',', those of the rows by ';'")):
        read_header(path)


def test_the_choice_is_told(tmp_path):
    write(tmp_path, "a,Class\n1.5,x\n", "part-1.csv")
    write(tmp_path, "a;Class\n1,5;x\n", "part-2.csv")
    write(tmp_path, "a\tClass\n1,5\tx\n", "part-3.csv")
    parts = table(str(tmp_path / "part-*.csv"), ("a",))
    assert parts.notes() == [
        "part-1.csv: cells are set apart by ','.",
        "part-2.csv: cells are set apart by ';'.",
        "part-3.csv: cells are set apart by tabs.",
    ]


def test_files_of_one_pattern_are_each_read_by_their_own_separator(tmp_path, read_all):
    write(tmp_path, "a,Class\n1.5,x\n", "part-1.csv")
    write(tmp_path, "a;Class\n1,5;x\n", "part-2.csv")
    records = read_all(table(str(tmp_path / "part-*.csv"), ("a",)))
    assert [(record.label, record.cells) for record in records] == [("x", {"a": "1.5"})] * 2
