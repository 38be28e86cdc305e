"""Missing values are spelled alike for the readers and in a graph."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.missing import MISSING, MISSING_AS_SPELLED, is_missing, is_missing_among_numbers, missing_pattern


@given(
    st.one_of(st.sampled_from(sorted(MISSING | MISSING_AS_SPELLED)), st.text("nNaAoeE#/?<>!. ", max_size=5))
)
def test_the_pattern_matches_what_is_missing(cell):
    for text in (cell.strip(), cell.strip().upper(), cell.strip().lower()):
        assert (re.fullmatch(missing_pattern(), text) is not None) == is_missing(text)


@pytest.mark.parametrize(
    "cell", ["-", "--", ".", "unknown", "Unknown", "none", "n.a.", "not available", "\N{EM DASH}"]
)
def test_words_are_missing_among_numbers_alone(cell):
    assert is_missing_among_numbers(cell) and not is_missing(cell)


@pytest.mark.parametrize("cell", ["0", "no", "abc", "inf", "x" * 5000])
def test_other_words_are_not_missing(cell):
    assert not is_missing_among_numbers(cell) and not is_missing(cell)
