"""A spreadsheet takes no cell for a formula, numbers stay numbers, and what was written is read back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spreadsheet_csv import SpreadsheetWriter, neutralised, read_spreadsheet, restored


@pytest.mark.parametrize("start", [*"=+-@\t\r\n", "＝", "＋", "－", "＠"])
def test_a_text_that_may_be_run_gets_an_apostrophe(start):
    assert neutralised(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    "cell", ["-0.5", "+5", "-1e-09", "-.5", "-3.", -0.5, 7, None, "", "a=b", "'quoted'", "p_=x", "0.5", " =x"]
)
def test_numbers_and_harmless_texts_stay(cell):
    assert neutralised(cell) is cell


@pytest.mark.parametrize("cell", ["-", "-5+A1", "-1e5e5", "+-5", "--1", "-0x10", "-1_000", "-١"])
def test_what_only_begins_like_a_number_is_text(cell):
    assert neutralised(cell) == f"'{cell}"


cells = st.text(alphabet="=-@'+\t\r\n,\"a1.＝é", max_size=6)


@given(cells)
def test_an_apostrophe_is_taken_away_where_one_was_put(cell):
    assert restored(neutralised(cell)) == cell


@given(st.lists(st.tuples(cells, cells), max_size=5))
def test_what_was_written_is_read_back(rows):
    text = io.StringIO(newline="")
    writer = SpreadsheetWriter(text)
    writer.writerow(["=key", "why"])
    writer.writerows(rows)
    text.seek(0)
    assert [tuple(row.values()) for row in read_spreadsheet(text)] == rows
    text.seek(0)
    assert next(csv.reader(text)) == ["'=key", "why"]


def test_other_cells_are_written_as_csv_writes_them():
    rows = [["key", "score"], ["a, row 1", -0.5], ['"x"', None], ["é\n", 3]]
    ours, plain = io.StringIO(), io.StringIO()
    SpreadsheetWriter(ours).writerows(rows)
    csv.writer(plain, lineterminator="\n").writerows(rows)
    assert ours.getvalue() == plain.getvalue()
