"""The order gives the rare class its turn."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from components.review.review_order import interleaved, rarer_class


def test_turns_go_by_the_square_root_of_what_is_expected():
    # 16 sure mistakes of a common class, 4 of a rare one: two turns to one, and not four.
    scores, concerns = np.ones(20), np.repeat([0, 1], [16, 4])
    order = interleaved(scores, concerns, 9)
    assert np.bincount(concerns[order]).tolist() == [6, 3]


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4)), max_size=60), st.integers(0, 60))
def test_each_class_is_in_the_order_of_its_scores_and_nothing_comes_twice(items, most):
    scores = np.array([score for score, _ in items], float)
    concerns = np.array([place for _, place in items], int)
    order = interleaved(scores, concerns, most)
    assert len(order) == len(set(order.tolist())) == min(most, int((scores > 0).sum()))
    for place in np.unique(concerns):
        own = scores[order[concerns[order] == place]]
        assert (np.diff(own) <= 0).all()
        left = np.setdiff1d(np.flatnonzero(concerns == place), order)
        assert not len(own) or not len(left) or scores[left].max() <= own[-1]


def test_the_rarer_of_two_classes():
    counts = np.array([100, 5, 20])
    assert rarer_class(np.array([0, 1, 2]), np.array([1, 2, 0]), counts).tolist() == [1, 1, 2]
