"""Splits by time against plain loops over the records."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.time_splitting import GAP, Borders, NoBorder, borders_of_shares, latest_splits

SHARES = np.array([0.7, 0.15, 0.15])
times_lists = st.lists(st.integers(-50, 50), min_size=3, max_size=80).filter(
    lambda times: len(set(times)) >= 3
)


def test_a_hundred_times_are_split_seventy_fifteen_fifteen():
    times = np.random.default_rng(0).permutation(100) * 10
    borders = borders_of_shares(times, SHARES)
    assert borders == Borders(700, 850)
    assert np.bincount(borders.periods(times)).tolist() == [70, 15, 15]


@given(times_lists)
def test_no_border_is_nearer_to_the_share(times):
    borders = borders_of_shares(np.array(times), SHARES)
    different = sorted(set(times))

    def distance(border, share):
        return abs(sum(time < border for time in times) - Fraction(share) * len(times))

    of_eval = [distance(border, Fraction(7, 10)) for border in different[1:-1]]
    assert distance(borders.eval_from, Fraction(7, 10)) == min(of_eval)
    later = [border for border in different if border > borders.eval_from]
    assert distance(borders.test_from, Fraction(17, 20)) == min(
        distance(one, Fraction(17, 20)) for one in later
    )


@given(times_lists, st.integers(0, 30))
def test_periods_are_in_order_with_the_gap_between_them(times, gap):
    borders = borders_of_shares(np.array(times), SHARES, gap)
    periods = borders.periods(np.array(times))
    for time, period in zip(times, periods, strict=True):
        if time >= borders.test_from:
            assert period == 2
        elif time >= borders.test_from - gap:
            assert period == GAP
        elif time >= borders.eval_from:
            assert period == 1
        else:
            assert period == (GAP if time >= borders.eval_from - gap else 0)


def test_two_times_leave_no_three_splits():
    with pytest.raises(NoBorder, match="holds 2 different times; three splits need three at least"):
        borders_of_shares(np.array([1, 1, 2, 2, 2]), SHARES)


def test_a_set_goes_by_its_last_record_outside_of_a_gap():
    periods = np.array([0, 1, GAP, 2, GAP, 0], np.uint8)
    assert latest_splits(periods, np.array([0, 0, 0, 1, 2, 1])).tolist() == [1, 1, 1, 2, -1, 2]
