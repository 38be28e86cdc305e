"""From a row's cells to a record, whatever the table's format."""

import dataclasses
import os

import pytest

from components.stratified_example_gen.records import BadRecord
from components.stratified_example_gen.table import Table, matching_files
from core.errors import InputError
from core.missing import is_missing

TABLE = Table(
    files={None: "t.csv"},
    columns=("width", "line"),
    numeric=(),
    label="kind",
    image=None,
    split=None,
    max_pixels=100,
)


def record(folder="", given=None, change=None, **cells):
    row = {"kind": "a", "width": "1", "line": "x"} | cells
    return dataclasses.replace(TABLE, **(change or {})).record("t.csv, row 7", row, given, str(folder))


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "",
            " ",
            "NA",
            "n/a",
            "NaN",
            "nan",
            "NULL",
            "null",
            "?",
            " na ",
            "None",
            "<NA>",
            "#N/A",
            "-nan",
            "1.#IND",
        ),
        *("#DIV/0!", "#VALUE!", "#REF!", "#NUM!", "#NAME?", "#NULL!", "NaT", "\\N"),
    ],
)
def test_every_spelling_of_missing_is_one(cell):
    assert is_missing(cell)
    assert record(width=cell).cells == {"width": None, "line": "x"}


@pytest.mark.parametrize(
    "cell", ["0", "none", "no", "-", "nano", "??", "null value", "unknown", "inf", "NONE"]
)
def test_other_words_are_values(cell):
    assert record(width=cell).cells["width"] == cell


def test_cells_lose_the_space_around_them_but_a_label_stays_as_it_is_spelled():
    read = record(kind=" a ", width=" 1 ")
    assert read.cells["width"] == "1"
    assert read.label == " a "


@pytest.mark.parametrize("cell", ["\u00a012\u200b", "\ufeff12", "1\u00ad2", "12\r\n"])
def test_cells_lose_what_nobody_sees(cell):
    assert record(width=cell).cells["width"] == "12"


def test_cells_are_one_line_in_composed_letters():
    assert record(line="cafe\u0301\r\nau\u2028\tlait").cells["line"] == "café au lait"


@pytest.mark.parametrize("cell", ["\u200b", "N\u00adA", "\ufeff"])
def test_what_nobody_sees_is_no_value(cell):
    assert record(width=cell).cells["width"] is None


def test_a_group_is_one_in_every_spelling():
    spellings = ["patient 3", " patient\u00a03 ", "patient\n3\u200b"]
    assert {record(line=one, change={"group": "line"}).group for one in spellings} == {"patient 3"}
    assert {record(line=one, change={"group": "line"}).group for one in ("7", "7.0")} == {"7"}


def test_label_of_several_lines_is_refused():
    assert "several lines: column 'kind' holds 'a\\nb'" in record(kind="a\nb").why


@pytest.mark.parametrize("label", ["", "  ", "NA", "n/a", "?", "null", "NaN", "None", "<NA>", "#N/A", "nan "])
def test_label_that_spells_missing_is_none(label):
    assert record(kind=label).why == f"has no label: column 'kind' holds {label!r}"


@pytest.mark.parametrize("label", ["none", "no", "-", "unknown", "0", "inf", "NONE", "missing"])
def test_label_that_may_be_a_class_is_one(label):
    assert record(kind=label).label == label


@pytest.mark.parametrize("cell", ["wide", "1,5", "0x10", "1_000", "5 %", "2024-01-01"])
def test_text_in_a_column_listed_as_numeric_is_refused(cell):
    bad = record(width=cell, change={"numeric": ("width",)})
    assert isinstance(bad, BadRecord)
    assert bad.key == "t.csv, row 7"
    assert bad.why == f"holds {cell!r} in column 'width', which is listed in data.numeric"


@pytest.mark.parametrize(
    "cell", ["1", "-2.5", "1e5", ".5", "3.", "", "NA", " 4 ", "1,500", "1 500,5", "-", "none", "inf", "1e39"]
)
def test_number_or_nothing_in_a_column_listed_as_numeric_is_read(cell):
    assert record(width=cell, change={"numeric": ("width",)}).label == "a"


@pytest.mark.parametrize(
    ("cell", "split"),
    [
        ("train", "train"),
        ("eval", "eval"),
        ("val", "eval"),
        ("valid", "eval"),
        ("Validation", "eval"),
        (" TEST ", "test"),
    ],
)
def test_split_column_is_understood(cell, split):
    assert record(part=cell, change={"split": "part"}).split == split


def test_unknown_split_is_refused():
    bad = record(part="holdout", change={"split": "part"})
    assert "column 'part' holds 'holdout', expected train, eval or test" in bad.why


def test_group_is_read_and_a_missing_one_refused():
    assert record(device=" d1 ", change={"group": "device"}).group == "d1"
    assert "has no group: column 'device' holds 'NA'" in record(device="NA", change={"group": "device"}).why


def test_split_that_the_file_gives_is_passed_on():
    assert record(given="test").split == "test"


# === Images ===


@pytest.fixture
def folder(tmp_path, image_of):
    data = tmp_path / "data"
    (data / "images").mkdir(parents=True)
    (data / "images" / "good.png").write_bytes(image_of(0))
    (data / "images" / "cut.png").write_bytes(image_of(0)[:-20])
    (data / "images" / "large.png").write_bytes(image_of(0, size=(11, 10)))
    (tmp_path / "outside.png").write_bytes(image_of(1))
    os.symlink(tmp_path / "outside.png", data / "images" / "link.png")
    return data


def test_image_is_read_from_below_the_tables_folder(folder, image_of):
    for name in ("images/good.png", "./images/good.png", "images/../images/good.png"):
        assert record(folder, photo=name, change={"image": "photo"}).image == image_of(0)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../outside.png", "lies outside the table's folder"),
        ("images/../../outside.png", "lies outside the table's folder"),
        ("images/link.png", "lies outside the table's folder"),
        ("../data2/x.png", "lies outside the table's folder"),
        (".", "lies outside the table's folder"),
        ("images/none.png", "does not exist"),
        ("images", "does not exist"),
        ("images/\0.png", "does not exist"),
        ("x" * 5000, "does not exist"),
        ("", "is missing"),
        ("NA", "is missing"),
        ("images/cut.png", "is cut short"),
        ("images/large.png", "declares 10 x 11 pixels"),
    ],
)
def test_image_that_cannot_be_used_is_refused(folder, name, why):
    bad = record(folder, photo=name, change={"image": "photo"})
    assert isinstance(bad, BadRecord)
    assert bad.why.startswith(f"has an image in column 'photo' ({name!r}) that {why}")


def test_absolute_path_is_refused_even_inside_the_folder(folder):
    bad = record(folder, photo=str(folder / "images" / "good.png"), change={"image": "photo"})
    assert "lies outside the table's folder" in bad.why


def test_folder_whose_name_begins_alike_is_outside(folder, image_of):
    (folder.parent / "data2").mkdir()
    (folder.parent / "data2" / "x.png").write_bytes(image_of(2))
    assert "lies outside" in record(folder, photo="../data2/x.png", change={"image": "photo"}).why


# === Files ===


def test_pattern_names_all_files_that_match_sorted(tmp_path):
    for name in ("part-2.csv", "part-1.csv", "other.csv"):
        (tmp_path / name).touch()
    (tmp_path / "part-3.csv").mkdir()
    assert matching_files(str(tmp_path / "part-*.csv")) == [str(tmp_path / f"part-{n}.csv") for n in (1, 2)]


def test_file_whose_name_looks_like_a_pattern_is_itself(tmp_path):
    for name in ("t[1].csv", "t1.csv"):
        (tmp_path / name).touch()
    assert matching_files(str(tmp_path / "t[1].csv")) == [str(tmp_path / "t[1].csv")]


def test_nothing_and_a_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        matching_files(str(tmp_path / "no-*.csv"))
    with pytest.raises(InputError, match="is a folder"):
        matching_files(str(tmp_path))


def test_label_of_several_lines_is_a_bad_record():
    refused = record(kind="two\nlines")
    assert isinstance(refused, BadRecord) and "several lines" in refused.why
