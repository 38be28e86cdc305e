"""A first row of data that was taken for the header is noticed; numbered columns are not taken for one."""

import pytest

from components.stratified_example_gen.csv.header_doubt import is_data
from components.stratified_example_gen.csv.table import CsvTable, read_header
from core.errors import InputError

IRIS = [["4.9", "3.0", "setosa"], ["6.4", "3.2", "versicolor"]]


@pytest.mark.parametrize(
    ("names", "rows", "why"),
    [
        (
            ["5.1", "3.5", "setosa"],
            IRIS,
            "'5.1', '3.5' stand above numbers and 'setosa' is a value of its column",
        ),
        (["5,1", "3,5", "x"], [["1,5", "2", "a"]], "'5,1', '3,5' stand above numbers"),
        (
            ["red", "small"],
            [["blue", "small"], ["red", "large"]],
            "'red', 'small' are values",
        ),
        (["Go until,", "ham"], [["a", "ham"], ["b", "spam"]], "'ham' is a value of its column"),
        (["0", "0", "5", "1"], [["0", "0", "3", "1"]], "'0', '0', '5' and 1 more stand above numbers"),
    ],
)
def test_a_row_of_data_is_no_header(names, rows, why):
    assert why in is_data(names, rows)


@pytest.mark.parametrize(
    ("names", "rows"),
    [
        (["length", "width", "kind"], IRIS),
        (["0", "1", "2", "kind"], [["5", "6", "7", "a"]]),
        (["2019", "2020", "2021"], [["1", "2", "3"]]),
        (["1", "width", "kind"], IRIS),
        (["a", "b"], []),
        (["", "b"], [["", "c"]]),
        # Joined files: the header comes again.
        (["text", "kind"], [["a", "x"], ["text", "kind"], ["b", "y"]]),
    ],
)
def test_names_are_names(names, rows):
    assert is_data(names, rows) is None


def test_a_header_in_doubt_is_noted(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("5.1,3.5,setosa\n4.9,3.0,setosa\n6.4,3.2,versicolor\n")
    source = CsvTable({None: str(path)}, ("5.1", "3.5"), (), "setosa", None, None, 1000)
    [_, note] = source.notes()
    assert note.startswith("t.csv: the first row is read as the names of the columns, but looks like data")
    assert "its first record is lost" in note


def test_names_that_come_twice_are_explained_where_they_are_data(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("0,0,5,a\n0,1,3,a\n0,2,7,b\n")
    with pytest.raises(
        InputError, match=r"'0' more than once\. It looks like a row of data: .*Put a header above it"
    ):
        read_header(str(path))
    path.write_text("x,x,kind\n1,2,a\n")
    with pytest.raises(InputError, match=r"'x' more than once. Rename one\.$"):
        read_header(str(path))
