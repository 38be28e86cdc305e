"""Trends of classes against SciPy's test."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from components.stratified_example_gen.label_trend import label_trends


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6), st.integers(20, 200), st.sampled_from([5, 10**6]))
def test_p_values_are_those_of_scipy(seed, size, most):
    random = np.random.default_rng(seed)
    times, labels = random.integers(0, most, size), random.integers(0, 3, size)
    trends = label_trends(times, labels, 3)
    for number in np.unique(labels):
        own, others = times[labels == number], times[labels != number]
        expected = mannwhitneyu(own, others, method="asymptotic", use_continuity=False).pvalue
        assert trends.p_values[number] == pytest.approx(expected, rel=1e-9)


def test_a_class_that_comes_late_is_seen_and_one_that_does_not_is_not():
    times = np.arange(10_000)
    late = (np.random.default_rng(0).random(10_000) < np.linspace(0.01, 0.05, 10_000)).astype(int)
    trends = label_trends(times, late, 2)
    assert trends.p_values[1] < 1e-6 and trends.late[1] > 1.5 * trends.early[1]
    even = (np.random.default_rng(1).random(10_000) < 0.03).astype(int)
    assert label_trends(times, even, 2).p_values[1] > 0.05


def test_a_single_class_and_a_single_time_have_no_trend():
    assert label_trends(np.array([1, 2, 3]), np.array([0, 0, 0]), 1).p_values.tolist() == [1.0]
    assert label_trends(np.array([5, 5, 5]), np.array([0, 1, 0]), 2).p_values.tolist() == [1.0, 1.0]
