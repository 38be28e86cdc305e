"""What comma and point mean in a number is told by the other cells, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.stratified_example_gen.csv.decimal_mark import Evidence, column_marks, to_point
from components.stratified_example_gen.number_spelling import kind_of, plain_number
from core.errors import InputError


def marks(delimiter, **columns):
    evidence = {name: Evidence() for name in columns}
    for name, cells in columns.items():
        for cell in cells:
            evidence[name].add(cell)
    return column_marks(evidence, delimiter)


def values(delimiter, *cells):
    mark = marks(delimiter, c=cells)["c"]
    return [plain_number(to_point(cell, mark)) for cell in cells]


@pytest.mark.parametrize(
    ("delimiter", "cells", "expected"),
    [
        (",", ["1,234", "950"], ["1234", "950"]),
        (",", ["1,234", "1,234,567.5"], ["1234", "1234567.5"]),
        (",", ["1.234,5", "12.345", "7"], ["1234.5", "12345", "7"]),
        (",", ["1.234.567", "12.345"], ["1234567", "12345"]),
        (",", ["1.234", "1.5"], ["1.234", "1.5"]),
        # Half of a list, perhaps: text, and a column with it is told of or refused.
        (",", ["1,5", "2,75"], [None, None]),
        (";", ["1,234", "1,5"], ["1.234", "1.5"]),
        (";", ["1,234", "0,512"], ["1.234", "0.512"]),
        (";", ["1,234", "1,234,567"], ["1234", "1234567"]),
        (";", ["1,234", "1.5"], ["1234", "1.5"]),
        (";", ["1.234,5", "12.345"], ["1234.5", "12345"]),
        (";", ["1,5", "1.5"], ["1.5", "1.5"]),
        (";", ["1,234", "2,345"], ["1.234", "2.345"]),
        # Grouped from 1000 on.
        (";", ["7", "950", *["1,234"] * 10], ["7", "950", *["1234"] * 10]),
        (";", ["7", "1950", *["1,234"] * 10], ["7", "1950", *["1.234"] * 10]),
        (";", ["7", "1,5", *["1,234"] * 10], ["7", "1.5", *["1.234"] * 10]),
        (";", ["+1,0e3", "-0,25", "a,b", "1,2,3"], ["+1.0e3", "-0.25", None, None]),
    ],
)
def test_other_cells_of_the_column_tell(delimiter, cells, expected):
    assert values(delimiter, *cells) == expected


def test_other_columns_tell_where_the_column_does_not():
    unclear = ["1,234", "2,345"]
    assert marks("\t", c=unclear, other=["1,234,567"])["c"] == "point"
    assert marks("\t", c=unclear, other=["950", *["1,234"] * 10])["c"] == "either"
    assert marks("\t", c=unclear, other=["0.5"])["c"] == "point"
    assert marks("\t", c=unclear, other=["1,5"])["c"] == "either"
    assert marks("\t", c=unclear, other=["x"])["c"] == "either"


@pytest.mark.parametrize("cells", [["1,5", "1,234,567"], ["1.234,5", "1.5", "12.345"]])
def test_column_with_both_meanings_is_refused(cells):
    with pytest.raises(
        InputError, match=r"Column 'c' holds '.*' and '.*': a mark cannot be.*best as in 1234\.5"
    ):
        values(";", *cells)
    evidence = Evidence()
    for cell in cells:
        evidence.add(cell)
    assert column_marks({"c": evidence}, ";", refuse=False) == {"c": "point"}


@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([(",", "."), (".", ",")]),
)
def test_grouped_numbers_with_cents_are_read_in_either_style(cents, delimiter, style):
    group, decimal = style
    cells = [f"{value / 100:,.2f}".translate({ord(","): group, ord("."): decimal}) for value in cents]
    if delimiter == "," and decimal == "," and all(value < 100_000 for value in cents):
        return  # Without a group of digits `9,50` beside commas is text.
    assert [float(value) for value in values(delimiter, *cells)] == [value / 100 for value in cents]


@given(
    st.lists(st.integers(10**6, 10**12), min_size=1, max_size=5), st.lists(st.integers(0, 10**6), max_size=5)
)
def test_one_long_number_makes_all_groups_clear(long, short):
    for delimiter in ",;":
        for group in ",.":
            cells = [f"{value:,}".replace(",", group) for value in (*long, *short)]
            assert [int(value) for value in values(delimiter, *cells)] == [*long, *short]


@pytest.mark.parametrize("mark", ["point", "comma", "either"])
@pytest.mark.parametrize(
    "cell", ["x,y", "31.12.2024", "1,2,3", "1.2.3", "", "NA", "a.b", "12:30", "1" * 5000]
)
def test_what_is_no_number_keeps_its_spelling(cell, mark):
    assert to_point(cell, mark) == cell
    assert kind_of(to_point(cell, mark)) == kind_of(cell)
