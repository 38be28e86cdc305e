import numpy as np
import pytest
from scipy.stats import binomtest

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.coverage_scores import coverage_scores
from core.documents.decision import CoverageFigures

PROBABILITIES = np.array([[0.8, 0.1, 0.1], [0.5, 0.4, 0.1], [0.3, 0.4, 0.3], [0.2, 0.2, 0.6]], np.float32)


def scores_of(labels, thresholds):
    classes = ("a", "b", "c")
    named = dict(zip(classes, thresholds, strict=True))
    figures = CoverageFigures(
        formula="",
        coverage=0.9,
        thresholds=named,
        records=dict.fromkeys(classes, 5),
        fewest_records=9,
        own_weight=dict.fromkeys(classes, 1.0),
    )
    keys, labels = np.arange(4).astype(str), np.array(labels)
    records = AnsweredRecords(classes, keys, labels, labels, PROBABILITIES, PROBABILITIES)
    return coverage_scores(records, figures)


def test_sets_by_hand():
    scores = scores_of([0, 1, 1, 0], (0.5, 0.4, 0.55))
    # The sets are {a}, {a, b}, {b} and {c}.
    assert (scores.n, scores.covered.value, scores.mean_size) == (4, 3 / 4, 5 / 4)
    assert (scores.empty, scores.single) == (0, 3)
    one, other, last = scores.per_class.values()
    assert (one.support, one.covered.value, one.mean_size) == (2, 1 / 2, 1)
    assert (other.support, other.covered.value, other.mean_size) == (2, 1, 3 / 2)
    assert (last.support, last.covered.value, last.mean_size) == (0, None, None)
    expected = binomtest(3, 4).proportion_ci(method="wilson")
    assert (scores.covered.low, scores.covered.high) == pytest.approx((expected.low, expected.high))


def test_a_probability_on_the_threshold_is_in_the_set_as_the_graph_has_it():
    # Above 0.4 as float32 holds it, and the same number once it is float32 itself.
    on_it = float(np.float32(0.4)) + 1e-10
    scores = scores_of([1, 1, 1, 1], (0.9, on_it, 0.9))
    assert scores.covered.value == 2 / 4 and scores.empty == 2
