"""Costs on test against sums written out, scikit-learn's best threshold, and resampled records."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import confusion_matrix, make_scorer
from sklearn.model_selection import TunedThresholdClassifierCV

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.money_scores import cost_curve, money_scores, thinned
from components.evaluation.stakes import Stakes

CLASSES = ("genuine", "fraud")


def records_of(scores, labels, decisions=None):
    fraud = np.array(scores, np.float32)
    probabilities = np.stack([1 - fraud, fraud], axis=1)
    decided = probabilities.argmax(axis=1) if decisions is None else np.array(decisions)
    return AnsweredRecords(
        CLASSES, np.arange(len(fraud)).astype(str), np.array(labels), decided, probabilities, probabilities
    )


def stakes_of(amounts, false_alarm=5.0, catch=0.0):
    amounts = np.array(amounts, float)
    return Stakes(amounts, np.full(len(amounts), false_alarm), np.full(len(amounts), catch))


def test_a_handful_of_payments_by_hand():
    # One fraud of 100 is missed, one of 20 is caught for 1, one genuine payment is stopped, one is not.
    records = records_of([0.2, 0.9, 0.6, 0.1], [1, 1, 0, 0], decisions=[0, 1, 1, 0])
    money = money_scores(records, "fraud", stakes_of([100, 20, 30, 40], catch=1))
    assert (money.rule.total.value, money.rule.mean.value, money.rule.acted) == (106, 26.5, 2)
    assert (money.always_no.total.value, money.always_yes.total.value) == (120, 12)
    assert money.rule.dearer.value == 0 and money.always_no.dearer.value == 3.5
    assert money.savings.value == pytest.approx(1 - 106 / 12)
    # Above 0.1 both frauds are caught, and one genuine payment is stopped.
    assert (money.best_threshold.threshold, money.best_threshold.acted) == (pytest.approx(0.1), 3)
    assert money.best_threshold.mean == pytest.approx(7 / 4)


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_the_curve_is_the_cost_of_deciding_above_each_threshold(seed, size):
    random = np.random.default_rng(seed)
    probability = random.integers(0, 8, size) / 7  # Many are equal, and some are 0.
    is_class, stakes = random.random(size) < 0.4, stakes_of(random.gamma(1, 50, size), 5, 2)
    curve = cost_curve(probability, is_class, stakes)
    assert [point.acted for point in curve] == sorted(
        {int((probability > t).sum()) for t in [-1, *probability]}
    )
    for point in curve:
        acts = probability > point.threshold
        assert point.acted == acts.sum()
        assert point.mean == pytest.approx(stakes.incurred(is_class, acts).mean())


class _Scores(ClassifierMixin, BaseEstimator):
    """Takes its one feature for the probability."""

    def fit(self, features, labels):
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, features):
        return np.column_stack([1 - features[:, 0], features[:, 0]])


def test_the_best_threshold_is_scikit_learns_where_all_records_cost_alike():
    random = np.random.default_rng(0)
    labels = (random.random(400) < 0.2).astype(int)
    scores = np.clip(random.normal(0.3 + 0.3 * labels, 0.15), 0.01, 0.99)

    def gain(true, decided):
        (_, alarms), (misses, hits) = confusion_matrix(true, decided)
        return -(5 * alarms + 30 * misses + 2 * hits) / len(true)

    tuned = TunedThresholdClassifierCV(
        _Scores().fit(None, None), scoring=make_scorer(gain), cv="prefit", refit=False, thresholds=1000
    ).fit(scores[:, np.newaxis], labels)
    best = min(cost_curve(scores, labels == 1, stakes_of(np.full(400, 30), 5, 2)), key=lambda one: one.mean)
    # Of its thousand thresholds, none is better, and the best is as good but for what lies between two of them.
    assert best.mean <= -tuned.best_score_ + 1e-12
    assert best.mean == pytest.approx(-tuned.best_score_, rel=0.01)


def test_intervals_are_those_of_resampled_records():
    random = np.random.default_rng(1)
    labels = (random.random(2000) < 0.1).astype(int)
    scores = np.clip(random.normal(0.3 + 0.3 * labels, 0.15), 0, 1)
    records, stakes = records_of(scores, labels), stakes_of(random.gamma(1, 50, 2000))
    money = money_scores(records, "fraud", stakes)
    costs = stakes.incurred(labels == 1, records.decisions == 1)
    never = stakes.incurred(labels == 1, np.zeros(2000, bool))
    always = stakes.incurred(labels == 1, np.ones(2000, bool))
    drawn = [random.integers(2000, size=2000) for _ in range(1500)]
    for rate, of_rows in (
        (money.rule.mean, lambda rows: costs[rows].mean()),
        (money.rule.total, lambda rows: costs[rows].sum()),
        (money.always_no.dearer, lambda rows: (never - costs)[rows].mean()),
        (money.savings, lambda rows: 1 - costs[rows].sum() / min(never[rows].sum(), always[rows].sum())),
    ):
        expected = np.quantile([of_rows(rows) for rows in drawn], [0.025, 0.975])
        width = expected[1] - expected[0]
        assert rate.value == pytest.approx(of_rows(np.arange(2000)))
        assert (rate.low, rate.high) == pytest.approx(tuple(expected), abs=0.1 * width)


def test_equal_records_give_equal_figures():
    records, stakes = records_of([0.2, 0.9, 0.6], [1, 0, 1]), stakes_of([10, 20, 30])
    assert money_scores(records, "fraud", stakes) == money_scores(records, "fraud", stakes)


def test_a_long_curve_keeps_its_ends_and_its_lowest_point():
    random = np.random.default_rng(0)
    probability = random.random(5000)
    curve = cost_curve(probability, random.random(5000) < probability, stakes_of(random.gamma(1, 50, 5000)))
    kept = thinned(curve)
    assert len(kept) <= 200 and {curve[0], curve[-1], min(curve, key=lambda one: one.mean)} <= set(kept)
    assert [one.acted for one in kept] == sorted({one.acted for one in kept})


def test_nothing_at_stake_saves_nothing():
    assert money_scores(records_of([0.2], [0]), "fraud", stakes_of([9])).savings.value is None
