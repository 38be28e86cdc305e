import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.decision_calibrator.share_threshold import threshold_of_share, threshold_spread

# Few distinct scores, so that many are alike.
RECORDS = st.lists(
    st.tuples(st.integers(0, 8), st.sampled_from([0.25, 1.0, 3.0])), min_size=1, max_size=25
).map(lambda rows: tuple(np.array(column, float) for column in zip(*rows, strict=True)))


def spread(scores, labels, share, seed):
    def find(weights):
        return threshold_of_share(scores, weights, share, 1.0)

    return threshold_spread(find, np.ones(len(scores)), labels, seed)


def test_the_threshold_lies_between_the_last_record_that_fits_and_the_first_that_does_not():
    scores, ones = np.array([0.9, 0.8, 0.5, 0.3, 0.1]), np.ones(5)
    assert threshold_of_share(scores, ones, 0.4, 1.0) == pytest.approx(0.65)
    assert threshold_of_share(scores, ones, 0.59, 1.0) == pytest.approx(0.65)
    assert threshold_of_share(scores, ones, 0.6, 1.0) == pytest.approx(0.4)


def test_a_record_counts_as_often_as_it_stands_for_others():
    scores, weights = np.array([0.9, 0.8, 0.5]), np.array([1.0, 7.0, 2.0])
    assert threshold_of_share(scores, weights, 0.1, 1.0) == pytest.approx(0.85)
    assert threshold_of_share(scores, weights, 0.8, 1.0) == pytest.approx(0.65)


@given(RECORDS, st.floats(0.01, 0.99))
def test_as_many_records_lie_above_it_as_a_search_over_all_sets_finds(records, share):
    level, weights = records
    scores = level / 10
    found = threshold_of_share(scores, weights, share, 1.0)
    taken = weights[scores > found].sum() / weights.sum()
    fitting = [weights[scores >= one].sum() / weights.sum() for one in set(scores.tolist())]
    fitting = [one for one in fitting if one <= share + 1e-9]
    if fitting:
        assert taken == pytest.approx(max(fitting))
    else:
        first = weights[scores == scores.max()].sum() / weights.sum()
        is_nearer = first < 2 * share and len(set(scores.tolist())) > 1
        assert taken == pytest.approx(first if is_nearer else 0)
    # As far from either side as it goes, so that rounding moves nobody over it.
    assert np.abs(scores - found).min() >= 0.05 - 1e-9


def test_where_all_records_are_alike_none_is_above():
    assert threshold_of_share(np.full(4, 0.3), np.ones(4), 0.9, 1.0) > 0.3


def test_the_spread_holds_the_true_threshold_about_as_often_as_it_says():
    held = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        scores, labels = random.random(400), random.integers(0, 2, 400)
        low, middle, high = spread(scores, labels, 0.1, seed)
        assert low <= middle <= high
        held += low <= 0.9 <= high
    # 57 expected of 60, with a standard deviation of 1.7.
    assert held >= 52


def test_the_spread_is_decided_by_the_seed():
    scores, labels = np.random.default_rng(0).random(300), np.arange(300) % 3
    one, same, other = (spread(scores, labels, 0.2, seed) for seed in (1, 1, 2))
    assert one.tolist() == same.tolist() != other.tolist()
