from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.promotion_gate import Limits, promotion_conditions
from components.evaluation.unknown_scores import unknown_scores
from core.documents.unknown import UnknownFigures

LABELS = np.array([0, 0, 0, 0, 1, 1, 1])
DECISIONS = np.array([0, 0, 1, 0, 1, 0, 1])
UNLIKENESS = np.array([0.5, 1, 3, 0.7, 4, 1, 1.5], np.float32)
FIGURES = UnknownFigures(
    formula="",
    max_false_alarm=0.1,
    threshold=2.0,
    threshold_spread=(1.5, 2.0, 2.5),
    false_alarm=0.09,
    held_out=50,
    held_out_quantiles=(0.5, 1.0, 1.9),
    trained_on={"a": 40, "b": 3, "c": 1},
    networks=1,
    shrinkage=(0.1,),
    measure="abc",
)


def records(unlikeness=UNLIKENESS, abstained=None):
    even = np.full((7, 3), 1 / 3, np.float32)
    unknown = None if unlikeness is None else unlikeness > 2
    return AnsweredRecords(
        ("a", "b", "c"),
        np.arange(7).astype(str),
        LABELS,
        DECISIONS,
        even,
        even,
        abstained=abstained,
        unlikeness=unlikeness,
        unknown=unknown,
    )


def test_what_is_called_unknown_by_hand():
    scores = unknown_scores(records(), FIGURES)
    assert (scores.n, scores.asked, scores.threshold, scores.held_out) == (7, 0.1, 2.0, 50)
    assert scores.unknown.value == 2 / 7
    expected = binomtest(2, 7).proportion_ci(method="wilson")
    assert (scores.unknown.low, scores.unknown.high) == pytest.approx((expected.low, expected.high))
    one, other, none = scores.per_class.values()
    assert (one.support, one.unknown.value, one.median) == (4, 1 / 4, pytest.approx(0.85))
    assert (other.support, other.unknown.value, other.median) == (3, 1 / 3, 1.5)
    assert (none.support, none.unknown.value, none.median) == (0, None, None)


def test_a_model_that_calls_nothing_unknown_has_none():
    assert unknown_scores(records(None), FIGURES) is None


def test_in_a_gate_what_is_called_unknown_is_not_found_and_comes_before_an_abstention():
    abstained = np.array([1, 0, 1, 0, 0, 0, 0], bool)
    both = records(abstained=abstained)
    assert both.candidate.decisions.tolist() == [-1, 0, -2, 0, -2, 0, 1]
    conditions = promotion_conditions(both.classes, LABELS, both.candidate, None, Limits())
    assert "recall 0.5 (2 of 4, 1 left to a person, 1 called unknown)" in conditions[0].sentence
    assert "recall 0.333 (1 of 3, 1 called unknown)" in conditions[1].sentence
    every = replace(both, unknown=np.ones(7, bool))
    conditions = promotion_conditions(both.classes, LABELS, every.candidate, None, Limits(0.01))
    assert [one.passed for one in conditions][:2] == [False, False]
    again = AnsweredRecords.from_bytes(both.to_bytes())
    assert (
        again.unlikeness.tolist() == UNLIKENESS.tolist() and again.unknown.tolist() == both.unknown.tolist()
    )
