"""A stray quote or a zero byte costs the row it stands in, by name, and hides no other."""

import csv
import io
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.stratified_example_gen.check_data import check_data
from components.stratified_example_gen.csv.table import CsvTable
from components.stratified_example_gen.records import BadRecord
from components.stratified_example_gen.settings import DataSettings
from core.errors import InputError

ROWS = [f"{number},name {number},{'rare' if number % 9 == 0 else 'common'}" for number in range(1, 301)]


def write(tmp_path, rows, header="id,name,kind"):
    path = tmp_path / "t.csv"
    path.write_bytes(
        b"\n".join(row if isinstance(row, bytes) else row.encode() for row in [header, *rows]) + b"\n"
    )
    return str(path)


def changed(**rows):
    """Returns ROWS with some of them, `row_5=…`, changed."""
    return [rows.get(f"row_{number}", row) for number, row in enumerate(ROWS, start=1)]


def table(path):
    return CsvTable({None: path}, ("id", "name"), (), "kind", None, None, 1000)


def settings_of(path, **more):
    return DataSettings(format="csv", path=path, label="kind", **more)


@pytest.mark.parametrize(
    ("rows", "row", "why"),
    [
        (changed(row_5='5,"name,common'), 5, "never closed, at '\"name,common', and all 295 lines behind it"),
        (changed(row_300='300,name,"rare'), 300, "opens a quote that is never closed, at '\"rare'"),
        # The next quote of the table is to open a cell, and closes this one.
        (
            changed(row_5='5,"name,common', row_9='9,"nine",rare'),
            5,
            "takes in the 4 lines behind it, and ends at a quote amid a cell",
        ),
        (
            changed(row_5='"5,name,common', row_9='9,nine",rare'),
            5,
            "takes in the 4 lines behind it, and has too few",
        ),
        (changed(row_5='5,"name,common', row_6='6,"six",rare'), 5, "takes in the line behind it"),
    ],
)
def test_a_quote_that_is_not_closed_is_said_and_counts_the_lines_it_hides(tmp_path, read_all, rows, row, why):
    path = write(tmp_path, rows)
    [bad] = [record for record in read_all(table(path)) if isinstance(record, BadRecord)]
    assert bad.key == f"t.csv, row {row}" and why in bad.why and "quote that is" in bad.why
    with pytest.raises(InputError, match=re.escape(f"row {row} (line {row + 1}) opens a quote that is")):
        check_data(settings_of(path), 0)


def test_rows_that_a_well_formed_cell_hides_are_known_by_their_classes(tmp_path, read_all):
    path = write(tmp_path, changed(row_5='5,"name,common', row_200='200,12",rare'))
    assert len(read_all(table(path))) == 105  # Good CSV: one row holds the lines of 196.
    hides = "row 5 (line 6) holds, in quotes, 196 lines that are rows"
    with pytest.raises(InputError, match=re.escape(hides)):
        check_data(settings_of(path), 0)
    check_data(settings_of(path, on_bad_record="skip"), 0)
    [note] = table(path).notes()[1:]
    assert "row 5 (line 6) with 196 such lines" in note


def test_two_rows_in_the_quotes_of_one_are_told_of(tmp_path):
    path = write(tmp_path, changed(row_5='5,"name,common', row_6='6,12",rare'))
    assert "row 5 (line 6) with 2 such lines" in table(path).notes()[1]
    assert len(table(write(tmp_path, changed(row_5='5,"two\nlines",rare'))).notes()) == 1


def test_lines_of_text_that_look_like_rows_are_told_of_and_not_refused(tmp_path, read_all):
    text = '"Paris, France\nLyon, France\nLille, France\nNice, France\nMetz, France",common'
    path = write(tmp_path, [f"city,{kind}" for kind in ("common", "rare") * 9] + [text], "name,kind")
    source = CsvTable({None: path}, ("name",), (), "kind", None, None, 1000)
    records = read_all(source)
    assert len(records) == 19 and records[-1].cells["name"].count("France") == 5
    assert check_data(settings_of(path), 0) == {"common": 10, "rare": 9}
    assert "row 19 (line 20) with 3 such lines" in source.notes()[-1]


# Anything a cell may hold, line breaks and quotes above all.
cells = st.text(alphabet='a5é" ,;\n', max_size=12)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(cells, cells, st.sampled_from(["x", "y"])), min_size=1, max_size=10), st.booleans())
def test_no_row_that_csv_writes_is_refused(rows, quote_all):
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    csv.writer(text, lineterminator="\n", quoting=quoting).writerows([("id", "name", "kind"), *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), text.getvalue().splitlines()[1:])
        source = table(path)
        records = [record for chunk in source.chunks() for record in source.read(chunk)]
    assert len(records) == len(rows) and not any(isinstance(record, BadRecord) for record in records)


def test_a_zero_byte_is_said_and_costs_its_row_alone(tmp_path, read_all):
    path = write(tmp_path, changed(row_5="5,na\0me,common", row_7='7,"na\nme\0",common'))
    bad = [record for record in read_all(table(path)) if isinstance(record, BadRecord)]
    why = "holds a zero byte (NUL) in column 'name'"
    assert bad == [BadRecord("t.csv, row 5", why), BadRecord("t.csv, row 7", why)]
    with pytest.raises(InputError, match=re.escape(f"row 5 (line 6) {why}")):
        check_data(settings_of(path), 0)


def test_a_table_in_latin_1_is_said_to_be_one(tmp_path):
    rows = [row.replace("name", "naïve").encode("latin-1") for row in ROWS]
    path = write(tmp_path, rows)
    with pytest.raises(
        InputError, match=r"not written in UTF-8 but.*Windows-1252 or Latin-1.*'naïve 1'.*299 more.*iconv"
    ):
        check_data(settings_of(path), 0)


def test_the_only_class_left_is_explained_by_what_was_left_out(tmp_path):
    path = write(tmp_path, ["1,a,common", '2,"b,common', *ROWS[8:9]])
    with pytest.raises(InputError, match=r"single class, 'common'.*Left out: .*row 2 .*opens a quote"):
        check_data(settings_of(path, on_bad_record="skip"), 0)


def test_a_large_cell_is_refused_with_its_row_and_not_read_as_several(tmp_path, read_all):
    rows = [*ROWS[:3], '4,"' + "line\n" * 40_000 + '",common', *ROWS[4:9]]
    records = read_all(table(write(tmp_path, rows)))
    assert len(records) == 9 and "holds 200000 characters" in records[3].why
