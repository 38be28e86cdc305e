import numpy as np
import pytest

from components.drift_watch.prior_estimate import (
    PriorEstimate,
    black_box_estimate,
    counted_prior,
    em_estimate,
)

SHARES = np.array([0.6, 0.4])
ASSUMED = np.array([0.9, 0.1])


def posteriors(n, seed):
    random = np.random.default_rng(seed)
    values = random.normal(2.0 * (random.random(n) < SHARES[1]), 1)
    joint = np.stack([np.exp(-(values**2) / 2), np.exp(-((values - 2) ** 2) / 2)], axis=1) * ASSUMED
    return joint / joint.sum(axis=1, keepdims=True)


def drawn_estimates(kind, count=30):
    for seed in range(count):
        probabilities = posteriors(400, seed)
        if kind == "em":
            yield em_estimate(probabilities, ASSUMED, seed)
        else:
            random = np.random.default_rng(seed)
            hits = random.binomial([400, 200], [0.9, 0.7])
            confusion = np.array([[hits[0], 400 - hits[0]], [200 - hits[1], hits[1]]])
            decided = random.multinomial(400, SHARES @ [[0.9, 0.1], [0.3, 0.7]])
            yield black_box_estimate(confusion, decided, seed)


@pytest.mark.parametrize("kind", ["em", "black box"])
def test_intervals_hold_the_true_shares_about_as_often_as_they_say(kind):
    # Of 30 intervals of 95 %, fewer than 25 would hold the truth once in a thousand times.
    inside = [bool(np.all((one.low <= SHARES) & (one.high >= SHARES))) for one in drawn_estimates(kind)]
    assert sum(inside) >= 25


def test_more_records_narrow_the_interval():
    wide, narrow = (em_estimate(posteriors(n, 0), ASSUMED) for n in (200, 5000))
    # Five times, by the square root of the numbers.
    assert 3 < (wide.high - wide.low)[1] / (narrow.high - narrow.low)[1] < 8


def test_few_labelled_records_widen_the_interval_even_where_all_are_hit():
    decided = np.array([900, 100])
    few, many = (black_box_estimate(np.array([[n, 0], [0, 3]]), decided) for n in (1000, 3))
    exact = black_box_estimate(np.array([[10_000, 0], [0, 10_000]]), decided)
    assert (few.high - few.low)[1] > 1.2 * (exact.high - exact.low)[1]
    assert (many.high - many.low)[1] > 2 * (exact.high - exact.low)[1]


def test_equal_seeds_give_equal_intervals():
    first, second = (em_estimate(posteriors(300, 0), ASSUMED, seed=5) for _ in range(2))
    np.testing.assert_array_equal(first.low, second.low)


def test_what_cannot_be_estimated_is_none():
    assert black_box_estimate(np.array([[9, 0], [1, 0]]), np.array([9, 1])) is None


def test_counts_have_wilson_intervals():
    found = counted_prior(np.array([1, 0]))
    np.testing.assert_allclose(found.shares, [1, 0])
    # 1 success of 1: [1 / (1 + 1.96²), 1].
    np.testing.assert_allclose(found.low[0], 1 / (1 + 1.959964**2), rtol=1e-6)


def test_sides_are_told_and_a_widened_interval_may_reach_the_known_share():
    estimate = PriorEstimate(np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.2, 0.1]), np.array([0.6, 0.4, 0.3]))
    known = np.array([0.35, 0.31, 0.34])
    np.testing.assert_array_equal(estimate.leaves_out(known), [1, 0, -1])
    np.testing.assert_array_equal(estimate.leaves_out(known, widening=1.45), [1, 0, 0])
    np.testing.assert_array_equal(estimate.leaves_out(known, widening=2), [0, 0, 0])
