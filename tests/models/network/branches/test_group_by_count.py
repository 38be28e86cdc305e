import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.network.branches.group_by_count import group_by_count


def test_the_usual_bounds_hold_where_each_group_gets_a_class():
    assert group_by_count(np.array([500, 30, 5, 200, 100, 20, 19])) == [[0, 3], [1, 4, 5], [2, 6]]


def test_otherwise_classes_are_split_in_thirds_by_their_counts():
    assert group_by_count(np.array([900, 100, 300, 700, 500, 800])) == [[0, 5], [3, 4], [1, 2]]


def test_two_classes_are_two_groups():
    assert group_by_count(np.array([3, 90])) == [[1], [0]]


@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=20))
def test_the_groups_split_the_classes_and_go_from_frequent_to_rare(counts):
    groups = group_by_count(np.array(counts))
    assert sorted(c for group in groups for c in group) == list(range(len(counts)))
    assert len(groups) == min(3, len(counts))
    assert all(groups)
    for more, less in itertools.pairwise(groups):
        assert min(counts[c] for c in more) >= max(counts[c] for c in less)


def test_a_class_without_records_is_refused():
    with pytest.raises(ValueError, match=r"the classes with index \[1\]"):
        group_by_count(np.array([4, 0]))
