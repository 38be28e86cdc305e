import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from components.evaluation.means import geometric_mean, harmonic_mean, mean

VALUES = st.lists(st.floats(0.01, 1), min_size=1, max_size=12)


@given(VALUES)
def test_means_are_scipys(values):
    assert mean(values) == pytest.approx(stats.tmean(values))
    assert geometric_mean(values) == pytest.approx(stats.gmean(values))
    assert harmonic_mean(values) == pytest.approx(stats.hmean(values))


def test_geometric_and_harmonic_mean_by_hand():
    assert geometric_mean([0.25, 1.0]) == pytest.approx(0.5)
    assert harmonic_mean([0.25, 1.0]) == pytest.approx(0.4)


@pytest.mark.parametrize("mean", [geometric_mean, harmonic_mean])
def test_one_zero_makes_the_mean_zero_and_no_value_leaves_it_undefined(mean):
    assert mean([0.0, 1.0]) == 0
    assert mean([]) is None


def test_geometric_mean_of_many_small_recalls_does_not_underflow():
    assert math.isclose(geometric_mean([1e-3] * 500), 1e-3)
