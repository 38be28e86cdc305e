from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.evaluation.ranking import average_precision, roc_auc


@st.composite
def rankings(draw):
    """Which records are positive, and scores with many ties."""
    positive = draw(st.lists(st.booleans(), min_size=1, max_size=25))
    scores = draw(st.lists(st.integers(1, 6), min_size=len(positive), max_size=len(positive)))
    return np.array(positive), np.array(scores) / 7


@given(rankings())
@settings(deadline=None)
def test_roc_auc_is_the_share_of_pairs_in_order_with_ties_half(drawn):
    positive, scores = drawn
    pairs = list(product(scores[positive], scores[~positive]))
    if not pairs:
        assert roc_auc(positive, scores) is None
        return
    in_order = sum(1.0 if high > low else 0.5 if high == low else 0.0 for high, low in pairs)
    assert roc_auc(positive, scores) == pytest.approx(in_order / len(pairs))


@given(rankings())
@settings(deadline=None)
def test_average_precision_sums_precision_over_steps_of_recall_at_distinct_scores(drawn):
    positive, scores = drawn
    if positive.all() or not positive.any():
        assert average_precision(positive, scores) is None
        return
    expected, recall_before = 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        chosen = scores >= threshold
        recall = positive[chosen].sum() / positive.sum()
        expected += (recall - recall_before) * positive[chosen].mean()
        recall_before = recall
    assert average_precision(positive, scores) == pytest.approx(expected)


def test_equal_scores_rank_as_chance_whatever_their_order():
    scores = np.full(4, 0.5)
    for positive in ([True, False, False, False], [False, False, False, True]):
        assert roc_auc(np.array(positive), scores) == 0.5
        assert average_precision(np.array(positive), scores) == 0.25
