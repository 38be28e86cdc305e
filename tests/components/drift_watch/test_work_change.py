import numpy as np
import pytest

from components.drift_watch.work_change import compare_work


def shares(before, of_before, now, of_now):
    test, new = np.arange(of_before) < before, np.arange(of_now) < now
    return compare_work("The queue", test, new)


def test_an_interval_is_that_of_newcombes_paper():
    # Table II of the paper, example (a): 56 of 70 against 48 of 80, method 10.
    change = shares(48, 80, 56, 70)
    assert (change.test, change.new) == (0.6, 0.8)
    assert (change.low, change.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "moved"),
    [
        ((20, 1000, 60, 1000), True),  # Three times as many.
        ((20, 1000, 5, 1000), True),  # A quarter.
        ((20, 1000, 24, 1000), False),  # Within the ratio.
        ((1, 50, 3, 50), False),  # Three times as many, by chance.
        ((0, 1000, 30, 1000), True),  # Out of nothing.
        ((30, 1000, 0, 1000), True),
        ((0, 100, 0, 100), False),
    ],
)
def test_a_share_has_moved_where_it_is_far_off_and_not_by_chance(counts, moved):
    assert shares(*counts).moved(1.25) is moved


def test_of_shares_that_are_the_same_one_comparison_in_twenty_seems_to_move():
    random = np.random.default_rng(0)
    outside = 0
    for _ in range(400):
        change = compare_work("The queue", random.random(500) < 0.1, random.random(300) < 0.1)
        outside += change.low > 0 or change.high < 0
    # 20 expected, with a standard deviation of 4.4.
    assert 5 <= outside <= 34
