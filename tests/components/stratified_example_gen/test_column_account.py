"""Every column is used or left out with its reason, and what is not plain about it is said."""

import pytest

from components.stratified_example_gen.column_account import decide_columns
from components.stratified_example_gen.columns import Tally
from components.stratified_example_gen.settings import DataSettings
from core.documents.split_summary import ColumnAccount
from core.errors import InputError


def tally(*cells):
    result = Tally()
    for row, cell in enumerate(cells, start=1):
        result.add(f"row {row}", cell)
    return result


def decide(tallies, **more):
    settings = {"format": "csv", "path": "t.csv", "label": "kind"} | more
    return decide_columns(tallies, DataSettings(**settings))


def notes_on(*cells, **more):
    return decide({"c": tally(*cells)}, **more).notes


def test_every_column_has_one_place():
    tallies = {"count": tally("1", "2"), "width": tally("1.5", "2.5"), "line": tally("x", "y")}
    decided = decide(tallies, group="device", image="photo", splits={"column": "part"}, drop=["note", "time"])
    assert decided.account == ColumnAccount(
        used={
            "kind": "label",
            "device": "group",
            "photo": "image",
            "part": "split",
            "count": "numeric (whole numbers)",
            "width": "numeric",
            "line": "categorical",
        },
        left_out={"note": "data.drop names it", "time": "data.drop names it"},
    )
    assert decided.roles == {"count": "integer", "width": "number", "line": "category"}
    assert decided.notes == []


def test_images_in_folders_have_no_columns():
    decided = decide_columns({}, DataSettings(format="image_folder", path="images"))
    assert decided.account == ColumnAccount(used={}, left_out={})


SCHEMA = """
feature { name: "kind" type: BYTES }
feature { name: "time" type: FLOAT }
feature { name: "code" type: BYTES }
feature { name: "old" type: INT lifecycle_stage: DEPRECATED }
"""


def test_column_that_the_reviewed_schema_lacks_is_left_out_with_that_reason(tmp_path):
    (tmp_path / "schema.pbtxt").write_text(SCHEMA)
    cells = ("1600000000000.0", "1700000000000.0")
    tallies = {name: tally(*cells) for name in ("time", "code", "old", "new")}
    decided = decide(tallies, schema=str(tmp_path / "schema.pbtxt"))
    assert decided.account.left_out == dict.fromkeys(("old", "new"), "data.schema does not have it")
    assert decided.account.used == {"kind": "label", "time": "numeric", "code": "categorical"}
    assert (decided.roles["time"], decided.roles["code"]) == ("number", "category")


def test_column_of_mostly_numbers_is_never_a_category_without_a_line():
    [note] = notes_on(*["7"] * 60, *["abc"] * 40)
    assert note.startswith(
        "Column 'c': 60 of 100 cells are numbers, but 'abc' in row 61 is none: read as categories."
    )
    assert notes_on(*["7"] * 50, *["abc"] * 50) == []
    assert notes_on(*["7"] * 60, *["abc"] * 40, categorical=["c"]) == [note]
    # Codes, as whoever lists them knows.
    assert notes_on(*["7"] * 60, *["8"] * 40, categorical=["c"]) == []


@pytest.mark.parametrize("cell", ["$1,200.50", "12 %", "1.234,5", "5kg"])
def test_numbers_with_marks_are_said_to_be_categories(cell):
    [note] = notes_on(cell, cell, "7")
    assert (
        f"2 of 3 cells are numbers with a currency, a unit or other marks, such as {cell!r} in row 1" in note
    )


def test_infinities_and_words_are_counted():
    notes = notes_on("1", "2.5", "inf", "1e999", "-", *["3"] * 5)
    assert [note.split(":")[0:2][1].split(" in row")[0] for note in notes] == [
        " 2 cells are infinite or beyond what float32 holds, such as 'inf'",
        " 1 cell is no number but a word such as '-'",
    ]


def test_empty_and_constant_columns_are_told_of():
    assert notes_on(None, None) == ["Column 'c' is empty in every record: there is nothing to learn from it."]
    assert notes_on("4", "4.0") == ["Column 'c' holds 4 in every record: there is nothing to learn from it."]
    assert notes_on("4", None) == []


def test_values_that_float32_merges_are_named():
    seconds = [str(1.6e9 + 1000 * number + end) for number in range(400) for end in (0.25, 0.5)]
    [note] = notes_on(*seconds)
    assert "one in 128 of this size: 1600000000.25 and 1600000000.5 become the same" in note


@pytest.mark.parametrize(
    "cells",
    [
        [str(1.6e9 + number / 4) for number in range(300)],
        [str(12345678901234567890 + number) for number in range(300)],
        ["1000000000.25", "1000000000.5"],
    ],
)
def test_column_that_float32_levels_is_refused(cells):
    with pytest.raises(
        InputError, match=r"Column 'c': its numbers are stored as float32.*Take a constant off it"
    ):
        notes_on(*cells)


@pytest.mark.parametrize(
    "cells",
    [
        [str(number / 7) for number in range(1000)],
        [str(1_600_000_000_000 + number) for number in range(300)],
        [f"{1_600_000_000_000 + number}.0" for number in range(300)],
        ["0.1", "0.10", "1e-1"],
    ],
)
def test_columns_that_keep_their_values_are_not_talked_of(cells):
    assert [note for note in notes_on(*cells) if "float32" in note] == []
