"""Every cell counts when a column is taken for numbers or categories."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.errors import InputError
from components.stratified_example_gen.columns import Tally, column_roles, is_number, merge_tallies


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
        "1 000",
        "1_000",
        "inf",
        "nan",
        "0x1",
        "1e",
        "１",
        "1.2.3",
        "3.5e38",
        "-1e39",
        "1e999",
    ],
)
def test_what_float32_does_not_hold_is_no_number(cell):
    assert not is_number(cell)


def test_cells_are_counted_by_what_they_hold():
    counts = tally("1", "-2", "0.5", None, "x", "y", "123456789012345678", "1234567890123456789")
    assert counts == Tally(missing=1, integers=3, numbers=2, texts=2, first_text=("row 5", "x"))


@settings(deadline=None)
@given(st.lists(st.sampled_from(["1", "1.5", "x", "y", None]), max_size=12), st.integers(0, 12))
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
    assert merge_tallies(parts) == {"column": whole}


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


def test_lists_decide_and_the_rest_is_left_out():
    tallies = {name: tally("1", "2") for name in "abcd"} | {"x": tally("x")}
    assert column_roles(tallies, ("a", "c"), ("b",)) == {"a": "integer", "b": "category", "c": "integer"}


def test_lists_and_auto_share_the_columns():
    tallies = {"code": tally("1", "2"), "width": tally("1.5"), "line": tally("x")}
    assert column_roles(tallies, "auto", ("code",)) == {"code": "category", "width": "number"}
    assert column_roles(tallies, ("width",), "auto") == {"width": "number", "line": "category"}


def test_column_listed_as_numeric_without_any_value_is_numeric():
    assert column_roles({"c": tally(None, None)}, ("c",), "auto") == {"c": "integer"}


def test_numbers_with_a_slip_are_refused_by_the_cell():
    slipped = {"width": tally(*["1"] * 19, "n.a.")}
    with pytest.raises(InputError, match=r"'width' holds numbers in 19 of 20 cells, but 'n\.a\.' in row 20"):
        column_roles(slipped, "auto", "auto")


def test_slips_are_the_users_business_once_the_column_is_listed():
    slipped = {"width": tally(*["1"] * 19, "n.a.")}
    assert column_roles(slipped, "auto", ("width",)) == {"width": "category"}


def test_column_with_more_than_a_few_texts_is_a_category():
    assert column_roles({"c": tally(*["1"] * 18, "x", "y")}, "auto", "auto") == {"c": "category"}


def test_missing_cells_do_not_hide_a_slip():
    cells = [*["1"] * 19, *[None] * 100, "x"]
    with pytest.raises(InputError, match="19 of 20 cells"):
        column_roles({"c": tally(*cells)}, "auto", "auto")
