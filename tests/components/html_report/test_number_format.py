import math

import pytest

from components.html_report import number_format
from core.documents.decision_scores import Rate


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


def test_amounts_have_cents_below_a_thousand_and_their_ends_are_written_alike():
    written = [number_format.amount(value) for value in (0, -0.001, 12.346, -3, 999.99, 1234.5, None)]
    assert written == ["0.00", "0.00", "12.35", "−3.00", "999.99", "1,234", "–"]
    assert number_format.amount_rate(Rate(value=1209.0, low=135.24, high=3017.4)) == "1,209 (135 to 3,017)"
    assert number_format.amount_rate(Rate(value=0.4, low=-0.02, high=1.07)) == "0.40 (−0.02 to 1.07)"
    assert number_format.amount_rate(Rate(value=None, low=None, high=None)) == "–"


def test_a_share_below_nothing_has_a_true_minus_sign():
    assert (
        number_format.share_rate(Rate(value=0.5, low=-0.03, high=0.72))
        == "50\N{NO-BREAK SPACE}% (−3\N{NO-BREAK SPACE}% to 72\N{NO-BREAK SPACE}%)"
    )
    assert number_format.share_rate(Rate(value=None, low=None, high=None)) == "–"
