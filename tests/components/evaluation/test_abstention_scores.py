import numpy as np
import pytest
from scipy.stats import binomtest

from components.evaluation.abstention_scores import abstention_scores
from components.evaluation.answered_records import AnsweredRecords

LABELS = np.array([0, 0, 0, 0, 1, 1, 1, 2])
DECISIONS = np.array([0, 0, 1, 0, 1, 0, 1, 2])
ABSTAINED = np.array([0, 0, 1, 0, 0, 1, 1, 1], bool)
COSTS = np.array([[0.0, 2, 1], [10, 0, 1], [1, 1, 0]])


def records(abstained=ABSTAINED):
    even = np.full((8, 3), 1 / 3, np.float32)
    keys = np.arange(8).astype(str)
    return AnsweredRecords(("a", "b", "c"), keys, LABELS, DECISIONS, even, even, abstained=abstained)


def deciding(of):
    return COSTS[of.labels, of.decisions]


def test_what_is_left_to_a_person_by_hand():
    scores = abstention_scores(records(), None, None)
    assert (scores.n, scores.abstained.value) == (8, 0.5)
    assert (scores.error.value, scores.error_without.value) == (0, 2 / 8)
    one, other, last = scores.per_class.values()
    assert (one.support, one.abstained.value, one.recall.value, one.recall_without.value) == (
        4,
        1 / 4,
        1,
        3 / 4,
    )
    assert (other.abstained.value, other.recall.value, other.recall_without.value) == (2 / 3, 1, 2 / 3)
    assert (last.abstained.value, last.recall.value, last.recall_without.value) == (1, None, 1)
    expected = binomtest(4, 8).proportion_ci(method="wilson")
    assert (scores.abstained.low, scores.abstained.high) == pytest.approx((expected.low, expected.high))
    assert "mean_cost" not in scores.as_dict()


def test_what_a_record_costs_by_hand():
    # Of the mistakes one costs 2 and is left to a person, as three others are, and one costs 10.
    abstained = np.array([1, 0, 1, 0, 0, 0, 1, 1], bool)
    scores = abstention_scores(records(abstained), deciding(records(abstained)), 3.0)
    assert scores.mean_cost == (4 * 3 + 10) / 8 and scores.mean_cost_without == 12 / 8


def test_a_model_that_decides_on_all_has_none():
    assert abstention_scores(records(None), deciding(records(None)), 3.0) is None


def test_in_a_gate_who_is_left_to_a_person_is_not_found():
    assert records().candidate.decisions.tolist() == [0, 0, -1, 0, 1, -1, -1, -1]
    assert records(None).candidate.decisions.tolist() == DECISIONS.tolist()
    assert AnsweredRecords.from_bytes(records().to_bytes()).abstained.tolist() == ABSTAINED.tolist()
