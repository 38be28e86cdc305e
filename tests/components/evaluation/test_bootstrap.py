import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.evaluation.bootstrap import (
    Difference,
    num_resamples,
    paired_differences,
    quantiles_95,
    resample_weights,
    resampled_confusions,
    stratified_resamples,
)

LABELS = np.array([0, 2, 0, 0, 2, 0])


def test_resamples_keep_every_classs_number_of_records():
    for rows in stratified_resamples(LABELS, 20, seed=1):
        np.testing.assert_array_equal(LABELS[rows], [0, 0, 0, 0, 2, 2])


def test_a_seed_decides_the_resamples():
    first, again, other = (list(stratified_resamples(LABELS, 5, seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_weights_count_as_many_draws_as_there_are_records():
    drawn = list(resample_weights(50, 400, seed=0))
    assert {int(weights.sum()) for weights in drawn} == {50}
    # A record is left out of a resample with probability (1 - 1/50)^50.
    assert np.mean(np.array(drawn) == 0) == pytest.approx(0.98**50, abs=0.01)


def test_resampled_rates_sum_to_one_and_spread_as_a_dirichlet_distribution():
    confusion, decided = np.array([[3, 0], [10, 30]]), np.array([80, 20])
    rates, counts = (
        np.array(parts) for parts in zip(*resampled_confusions(confusion, decided, 3000, 0), strict=True)
    )
    np.testing.assert_allclose(rates.sum(axis=2), 1)
    # Of the first class Beta(3.5, 0.5), whose mean is 3.5 / 4; of the decisions 80 in 100, ± 4.
    assert rates[:, 0, 0].mean() == pytest.approx(3.5 / 4, abs=0.01)
    assert set(counts.sum(axis=1)) == {100} and counts[:, 0].std() == pytest.approx(4, rel=0.1)


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=30))
def test_quantiles_are_those_of_the_sorted_draws(values):
    low, middle, high = quantiles_95(values)
    ordered = np.sort(values)
    places = np.arange(len(values)) / (len(values) - 1)
    expected = np.interp([0.025, 0.5, 0.975], places, ordered)
    np.testing.assert_allclose([low, middle, high], expected, atol=1e-12)


@pytest.mark.parametrize(("size", "expected"), [(1, 200), (100, 100), (10_000, 20)])
def test_resamples_fit_the_budget(size, expected):
    assert num_resamples(10_000, size, fewest=20, most=200) == expected


def test_models_are_compared_on_the_same_resamples():
    values = np.random.default_rng(0).normal(size=600)

    def first(rows):
        return [values[rows].mean(), 0.0]

    def second(rows):
        return [values[rows].mean() + 0.1, 1.0]

    shifted, constant = paired_differences(first, second, np.zeros(600, int), seed=0)
    assert (shifted.low, shifted.high) == (pytest.approx(0.1), pytest.approx(0.1))
    assert constant == Difference(0.0, 1.0, 1.0, 1.0) and constant.is_sure


def test_the_interval_of_a_mean_is_about_two_standard_errors_wide():
    values = np.random.default_rng(0).normal(size=900)
    [found] = paired_differences(
        lambda rows: [0.0], lambda rows: [values[rows].mean()], np.zeros(900, int), seed=3
    )
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 30, rel=0.1)
    assert found.low < found.second < found.high
