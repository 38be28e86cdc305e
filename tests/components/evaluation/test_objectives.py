from operator import attrgetter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_score, recall_score

from components.evaluation.confusion import ClassMargins, confusion_margins
from components.evaluation.labelled_predictions import LabelledPredictions
from components.evaluation.objectives import balanced_accuracy, macro_f1, with_floors
from components.evaluation.summary_metrics import SUMMARY_METRICS

pytestmark = pytest.mark.filterwarnings("ignore:.*y_pred contains classes:UserWarning")


@st.composite
def decided_records(draw):
    pairs = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
    return np.array(pairs).T


@given(decided_records())
def test_scores_are_scikit_learns(drawn):
    margins = confusion_margins(*drawn, 4)
    assert macro_f1(margins) == pytest.approx(f1_score(*drawn, average="macro", zero_division=0))
    assert balanced_accuracy(margins) == pytest.approx(balanced_accuracy_score(*drawn))


@given(decided_records())
def test_fast_means_are_the_summarys_but_for_the_last_digit(drawn):
    labels, decisions = drawn
    predictions = LabelledPredictions(labels, np.eye(4)[decisions] * 0.6 + 0.1, decisions)
    for metric in SUMMARY_METRICS.values():
        exact = metric.compute(predictions)
        expected = float("nan") if exact is None else exact
        assert metric.resampled(predictions) == pytest.approx(expected, nan_ok=True, rel=1e-12)


def test_many_confusions_are_scored_at_once():
    random = np.random.default_rng(0)
    hits, others = random.integers(0, 5, (2, 7, 3)).astype(float)
    many = ClassMargins(hits, hits + others, np.array([9.0, 5.0, 4.0]))
    for objective in (
        macro_f1,
        balanced_accuracy,
        with_floors(np.array([0, 0.5, 0.9]), attrgetter("recall")),
    ):
        one_by_one = [
            objective(ClassMargins(*parts, many.support))
            for parts in zip(many.hits, many.decided, strict=True)
        ]
        np.testing.assert_array_equal(objective(many), one_by_one)


@pytest.mark.parametrize(("rate", "score"), [("recall", recall_score), ("precision", precision_score)])
@given(decided_records())
def test_a_floor_lowers_the_score_only_of_decisions_that_miss_it(rate, score, drawn):
    margins = confusion_margins(*drawn, 4)
    floors = np.array([0.0, 0.5, 0.0, 0.8])
    # A rate that is not defined misses no floor.
    reached = score(*drawn, labels=range(4), average=None, zero_division=1)
    missed = 1000 * np.maximum(floors - reached, 0).sum()
    found = with_floors(floors, attrgetter(rate))(margins)
    assert found == pytest.approx(macro_f1(margins) - missed, abs=1e-5)
