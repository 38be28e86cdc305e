import math

import pytest

from components.html_report import number_format


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.8765, "0.876"), (1, "1.000"), (-0.25, "−0.250"), (-0.0001, "0.000"), (None, "–"), (math.nan, "–")],
)
def test_scores_have_three_decimals_and_a_dash_where_missing(value, written):
    assert number_format.score(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.000123456, "0.0001235"), (12345, "12,345"), (2.0, "2"), (None, "–"), (math.inf, "–")],
)
def test_significant_digits_fit_numbers_of_any_size(value, written):
    assert number_format.significant(value) == written


@pytest.mark.parametrize(
    ("part", "whole", "written"),
    [(1, 8, "12.5 %"), (6, 1000, "0.60 %"), (1, 25_000, "0.004 %"), (0, 5, "0.0 %")],
)
def test_small_shares_do_not_vanish(part, whole, written):
    # A no-break space stands before the sign.
    assert number_format.percent(part, whole).replace("\N{NO-BREAK SPACE}", " ") == written


def test_a_share_of_nothing_is_a_dash():
    assert number_format.percent(0, 0) == "–"


@pytest.mark.parametrize("bounds", [None, [None, None], [0.2, None], [math.nan, 1.0]])
def test_an_interval_without_both_bounds_is_a_dash(bounds):
    assert number_format.interval(bounds) == "–"


def test_an_interval_shows_both_bounds():
    assert number_format.interval([0.25, 1]) == "0.250–1.000"


def test_things_are_counted_in_english():
    assert number_format.counted(1, "record") == "1 record"
    assert number_format.counted(1200, "record") == "1,200 records"


def test_long_keys_break_after_their_dots_and_underscores():
    assert number_format.breakable("loss.class_weights") == "loss.<wbr>class_<wbr>weights"
    assert number_format.breakable("<b>.c") == "&lt;b&gt;.<wbr>c"
