"""Whatever way a number is spelled, it has one value; and what is no number has none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.stratified_example_gen.number_spelling import (
    LARGEST_WHOLE,
    exact_whole,
    kind_of,
    plain_number,
)

BLANKS = [" ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "\N{THIN SPACE}"]
APOSTROPHES = ["'", "\N{RIGHT SINGLE QUOTATION MARK}"]


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("1,234", "1234"),
        ("1,234,567", "1234567"),
        ("-1,234.5", "-1234.5"),
        ("1 234", "1234"),
        ("1 234,5", "1234.5"),
        ("1'234'567.5", "1234567.5"),
        ("\N{MINUS SIGN}5", "-5"),
        ("+07", "+07"),
        ("1e5", "1e5"),
    ],
)
def test_numbers_are_written_plainly(cell, plain):
    assert plain_number(cell) == plain


@pytest.mark.parametrize(
    "cell",
    [
        "1_234",
        "12,34",
        "1,2345",
        "1 23",
        "1, 234",
        "1 234'567",
        ",5",
        "1,234,",
        "$5",
        "5 %",
        "0x1F",
        "1 000 00",
    ],
)
def test_other_marks_make_no_number(cell):
    assert plain_number(cell) is None


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("12", "integer"),
        ("12,345", "integer"),
        ("1" + "0" * 18, "integer"),
        ("1" + "0" * 19, "number"),
        ("12.0", "whole"),
        ("1.2e1", "whole"),
        ("12.5", "number"),
        ("1e-400", "number"),
        ("9" * 5000, "infinite"),
        ("1e" + "9" * 5000, "infinite"),
        ("-INF", "infinite"),
        ("\N{INFINITY}", "infinite"),
        ("-", "word"),
        ("Unknown", "word"),
        ("n.a.", "word"),
        ("$1,200.00", "measure"),
        ("12 %", "measure"),
        ("3.5kg", "measure"),
        ("1.234.567,5", "measure"),
        ("EUR 5", "measure"),
        ("2024-01-31", "text"),
        ("31.01.2024", "text"),
        ("1.2.3", "text"),
        ("12:30", "text"),
        ("x" * 5000, "text"),
    ],
)
def test_cells_are_told_apart(cell, kind):
    assert kind_of(cell) == kind


@settings(deadline=None)
@given(
    st.integers(-(10**17), 10**17),
    st.one_of(st.none(), st.text("0123456789", min_size=1, max_size=4)),
    st.sampled_from([",", *BLANKS, *APOSTROPHES]),
    st.sampled_from(".,"),
)
def test_groups_of_digits_change_no_value(value, fraction, mark, point):
    if mark == ",":
        point = "."
    grouped = f"{value:,}".replace(",", mark) + ("" if fraction is None else point + fraction)
    if abs(value) < 1000 and point == ",":
        return  # Without a group nothing tells that the comma is decimal.
    plain = plain_number(grouped)
    assert plain is not None
    assert float(plain) == float(f"{value}" + ("" if fraction is None else f".{fraction}"))


@settings(deadline=None)
@given(
    st.integers(-LARGEST_WHOLE, LARGEST_WHOLE),
    st.integers(0, 5),
    st.sampled_from(["", ".", ".0", ".000", "e0", ".0E+0"]),
)
def test_whole_numbers_keep_every_digit_however_they_are_written(value, zeros, end):
    assert exact_whole(f"{value}{end}") == value
    assert exact_whole(f"{value}{'0' * zeros}e-{zeros}") == value


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_whole_are_exactly_the_numbers_without_a_fraction(value):
    whole = exact_whole(repr(value))
    assert (whole is not None) == (value.is_integer() and abs(value) <= LARGEST_WHOLE)
    # Of so many digits, a float's shortest text names another whole number that is the same float.
    assert whole is None or float(whole) == value


@settings(deadline=None)
@given(st.text("0123456789+-.,eE' \N{NO-BREAK SPACE}infa%$_", max_size=12))
def test_no_text_breaks_the_reading(cell):
    kind, plain = kind_of(cell), plain_number(cell)
    assert (plain is not None) == (kind in ("integer", "whole", "number"))
    if kind in ("integer", "whole"):
        assert exact_whole(plain) == int(float(plain)) or abs(float(plain)) >= 2**53
