"""Every cell counts when a column is taken for numbers or categories."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.stratified_example_gen.columns import Tally, column_roles, is_number, merge_tallies
from core.errors import InputError


def tally(*cells):
    result = Tally()
    for row, cell in enumerate(cells, start=1):
        result.add(f"row {row}", cell)
    return result


@pytest.mark.parametrize(
    "cell", ["0", "-1", "+2", "1.5", ".5", "3.", "1e5", "-1.5E-7", "007", "3.4e38", "1e-60"]
)
def test_numbers_are_numbers(cell):
    assert is_number(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        ".",
        "-",
        "e5",
        "1,5",
        "1_000",
        "inf",
        "nan",
        "0x1",
        "1e",
        "1,23,456",
        "1234,567",
        "1.234.567",
        "12 %",
        "１",
        "1.2.3",
        "3.5e38",
        "-1e39",
        "1e999",
        "9" * 5000,
        "1e" + "9" * 5000,
    ],
)
def test_what_float32_does_not_hold_is_no_number(cell):
    assert not is_number(cell)


def test_cells_are_counted_by_what_they_hold():
    counts = tally(
        "1", "-2", "0.5", None, "x", "y", "1234567890123456789", "12345678901234567890", "-", "inf"
    )
    assert counts == Tally(
        missing=1,
        integers=3,
        numbers=2,
        texts=2,
        words=1,
        infinite=1,
        first_text=("row 5", "x"),
        first_word=("row 9", "-"),
        first_infinite=("row 10", "inf"),
        least=-2.0,
        greatest=12345678901234567890.0,
        checked=3,
    )


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["1", "1.5", "x", "y", "-", "inf", "1 %", "7,000", None]), max_size=12),
    st.integers(0, 12),
)
def test_pieces_add_up_to_the_whole(cells, cut):
    rows = list(enumerate(cells))
    parts = []
    for piece in (rows[:cut], rows[cut:]):
        part = Tally()
        for row, cell in piece:
            part.add(str(row), cell)
        parts.append({"column": part})
    whole = Tally()
    for row, cell in rows:
        whole.add(str(row), cell)
    merged = merge_tallies(parts)["column"]
    # What rounding does is looked at piece by piece.
    assert dataclasses.replace(merged, checked=whole.checked) == whole


def test_columns_keep_the_order_of_the_table():
    parts = [{"z": tally("1"), "a": tally("x")}, {"z": tally("2"), "a": tally("y")}]
    assert list(merge_tallies(parts)) == ["z", "a"]


@pytest.mark.parametrize(
    ("cells", "role"),
    [
        (["1", "2", None], "integer"),
        (["1", "2.5"], "number"),
        (["1", "99999999999999999999"], "number"),
        (["x", "y", None], "category"),
        (["1", "x"], "category"),
        ([None, None], "category"),
    ],
)
def test_columns_left_to_auto_are_what_they_hold(cells, role):
    assert column_roles({"c": tally(*cells)}, "auto", "auto") == {"c": role}


def test_lists_decide():
    tallies = {name: tally("1", "2") for name in "abc"}
    assert column_roles(tallies, ("a", "c"), ("b",)) == {"a": "integer", "b": "category", "c": "integer"}


def test_lists_and_auto_share_the_columns():
    tallies = {"code": tally("1", "2"), "width": tally("1.5")}
    assert column_roles(tallies, "auto", ("code",)) == {"code": "category", "width": "number"}
    tallies = {"width": tally("1.5"), "line": tally("x")}
    assert column_roles(tallies, ("width",), "auto") == {"width": "number", "line": "category"}


@pytest.mark.parametrize(
    ("cells", "numeric", "categorical", "message"),
    [
        (
            [*["1"] * 99, "x"],
            "auto",
            ("code",),
            "'c' holds numbers in 99 of 100 cells, but 'x' in row 100, and is not named in data.categorical. Mend the",
        ),
        (
            ["x", "y"],
            "auto",
            ("code",),
            "'c' holds 'x' in row 1, and is not named in data.categorical. Name the",
        ),
        (
            ["-", "-", "1"],
            "auto",
            ("code",),
            "'c' holds numbers in 1 of 3 cells, but '-' in row 1, and is not",
        ),
        (
            ["1", "2"],
            ("width",),
            "auto",
            "'c' holds numbers, and is not named in data.numeric. Name the column in",
        ),
        (
            ["1", "2"],
            ("width",),
            ("code",),
            "'c' holds numbers, and is not named in data.numeric or data.categorical",
        ),
    ],
)
def test_column_that_no_list_names_never_vanishes(cells, numeric, categorical, message):
    with pytest.raises(InputError) as refused:
        column_roles({"c": tally(*cells)}, numeric, categorical)
    assert f"Column {message}" in str(refused.value)
    assert str(refused.value).endswith("the column in data.numeric, data.categorical or data.drop.")


def test_empty_column_that_no_list_names_is_kept():
    assert column_roles({"c": tally(None)}, ("width",), ("code",)) == {"c": "category"}


@pytest.mark.parametrize(
    ("cells", "role"),
    [
        (["1", "-", "--", "2", "3"], "integer"),
        (["1", "2", "inf", "-Infinity", "∞", "1e999"], "integer"),
        (["inf", "inf"], "integer"),
        (["1,234", "950", "1,234,567"], "integer"),
        (["1 234,5", "12"], "number"),
        # A word in the majority is what the column is about.
        (["none", "none", "1"], "category"),
        (["-", "-"], "category"),
    ],
)
def test_what_is_missing_among_numbers_makes_no_category(cells, role):
    assert column_roles({"c": tally(*cells)}, "auto", "auto") == {"c": role}


@pytest.mark.parametrize(
    ("cells", "role"),
    [
        (["1600000000000.0", "1600000000001.0", None], "integer"),
        (["1.6e12", "7"], "integer"),
        (["16777217.0"], "integer"),
        # float32 holds these as they are.
        (["1.0", "16777216.0"], "number"),
        (["1600000000000.0", "0.5"], "number"),
        (["1600000000000.0", "1e30"], "number"),
    ],
)
def test_whole_numbers_that_float32_cannot_tell_apart_are_stored_as_such(cells, role):
    assert column_roles({"c": tally(*cells)}, "auto", "auto") == {"c": role}


def test_long_cell_is_not_shown_whole():
    with pytest.raises(InputError) as refused:
        column_roles({"c": tally(*["1"] * 99, "x" * 5000)}, "auto", "auto")
    assert len(str(refused.value)) < 400


def test_column_listed_as_numeric_without_any_value_is_numeric():
    assert column_roles({"c": tally(None, None)}, ("c",), "auto") == {"c": "integer"}


def test_numbers_with_a_slip_are_refused_by_the_cell():
    slipped = {"width": tally(*["1"] * 19, "wide")}
    with pytest.raises(InputError, match=r"'width' holds numbers in 19 of 20 cells, but 'wide' in row 20"):
        column_roles(slipped, "auto", "auto")


def test_slips_are_the_users_business_once_the_column_is_listed():
    slipped = {"width": tally(*["1"] * 19, "wide")}
    assert column_roles(slipped, "auto", ("width",)) == {"width": "category"}


def test_column_with_more_than_a_few_texts_is_a_category():
    assert column_roles({"c": tally(*["1"] * 18, "x", "y")}, "auto", "auto") == {"c": "category"}


def test_missing_cells_do_not_hide_a_slip():
    cells = [*["1"] * 19, *[None] * 100, "x"]
    with pytest.raises(InputError, match="19 of 20 cells"):
        column_roles({"c": tally(*cells)}, "auto", "auto")
