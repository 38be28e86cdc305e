import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.preprocessing.quantiles import quantiles


def test_boundaries_are_the_values_of_evenly_spaced_ranks():
    assert quantiles(np.array([1.0, 2.0, 3.0, 10.0]), 2).tolist() == [1, 3, 10]
    assert quantiles(np.arange(9.0), 4).tolist() == [0, 2, 4, 6, 8]


@pytest.mark.parametrize("size", [1, 2, 3, 300, 511, 512, 513, 2100])
def test_the_middle_boundary_is_the_median_the_higher_of_two(size):
    assert quantiles(np.arange(float(size)), 512)[256] == size // 2


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1), st.integers(1, 40))
def test_boundaries_are_values_in_order_within_half_a_rank_of_their_share(values, num_buckets):
    ascending = np.sort(values)
    boundaries = quantiles(ascending, num_buckets)
    assert len(boundaries) == num_buckets + 1 and set(boundaries) <= set(values)
    assert (np.diff(boundaries) >= 0).all()
    assert (boundaries[0], boundaries[-1]) == (ascending[0], ascending[-1])
    for place, boundary in enumerate(boundaries):
        rank = place * (len(values) - 1) / num_buckets
        assert ascending[int(np.floor(rank))] <= boundary <= ascending[int(np.ceil(rank))]
