"""The rule against what every decision would cost, tried one by one, and against scikit-learn's threshold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import FixedThresholdClassifier

from components.decision_calibrator.cost_settings import CostSettings
from components.decision_calibrator.record_cost_rule import RecordCostRule
from components.decision_calibrator.record_costs import unfit_amounts

CLASSES = ("common", "rare", "other")
AMOUNT, FEE = 0, 1


NUMBER = st.floats(0, 100, allow_subnormal=False)
COST = NUMBER | st.fixed_dictionaries(
    {"column": st.sampled_from(["amount", "fee"]), "times": st.floats(0.01, 10), "plus": NUMBER}
)


def settings_of(miss, false_alarm, catch):
    """The settings; None of costs that make no sense."""
    try:
        return CostSettings(**{"class": "rare"}, miss=miss, false_alarm=false_alarm, catch=catch)
    except ValueError:
        return None


def records_of(seed, size):
    random = np.random.default_rng(seed)
    return random.dirichlet([2, 1, 1], size), random.gamma(1, 50, (size, 2))


SETTINGS = st.builds(settings_of, COST, COST, COST).filter(lambda made: made is not None)
RECORDS = st.builds(records_of, st.integers(0, 2**32 - 1), st.integers(1, 20))


def value(given_cost, amounts):
    if isinstance(given_cost, float):
        return given_cost
    return given_cost.times * amounts[{"amount": AMOUNT, "fee": FEE}[given_cost.column]] + given_cost.plus


def with_columns(settings, amounts):
    """The amounts in the order of the columns that the settings name."""
    return amounts[:, [{"amount": AMOUNT, "fee": FEE}[name] for name in settings.columns]]


def table(settings, amounts):
    """Cost by true class (row) and decided class (column), of one record."""
    miss, alarm, catch = (
        value(one, amounts) for one in (settings.miss, settings.false_alarm, settings.catch)
    )
    return np.array([[0, alarm, 0], [miss, catch, miss], [0, alarm, 0]])


@given(SETTINGS, RECORDS)
def test_no_other_decision_costs_less_in_the_mean(settings, records):
    probabilities, amounts = records
    rule = RecordCostRule.of(settings, CLASSES)
    own = with_columns(settings, amounts)
    decisions, doubts = rule.decide(probabilities, own), rule.doubt(probabilities, own)
    for row, decision in enumerate(decisions):
        expected = probabilities[row] @ table(settings, amounts[row])
        assert expected[decision] == pytest.approx(expected.min(), abs=1e-9)
        assert doubts[row] == pytest.approx(expected.min(), abs=1e-9)
        if decision != 1:
            assert probabilities[row, decision] == max(probabilities[row, [0, 2]])


@given(SETTINGS, RECORDS)
def test_the_class_is_decided_for_above_the_threshold_of_the_record(settings, records):
    probabilities, amounts = records
    rule = RecordCostRule.of(settings, CLASSES)
    decisions = rule.decide(probabilities, with_columns(settings, amounts))
    for row, decision in enumerate(decisions):
        miss, alarm, catch = (
            value(one, amounts[row]) for one in (settings.miss, settings.false_alarm, settings.catch)
        )
        gain = miss - catch
        threshold = alarm / (alarm + gain) if gain > 0 and alarm + gain > 0 else 1.0
        if abs(probabilities[row, 1] - threshold) > 1e-9:
            assert (decision == 1) == (probabilities[row, 1] > threshold)


@given(SETTINGS, RECORDS)
def test_what_is_incurred_is_the_entry_of_the_table(settings, records):
    _, amounts = records
    rule = RecordCostRule.of(settings, CLASSES)
    random = np.random.default_rng(0)
    labels, decisions = random.integers(3, size=(2, len(amounts)))
    stakes = rule.record_costs.stakes(with_columns(settings, amounts), len(amounts))
    incurred = stakes.incurred(labels == 1, decisions == 1)
    expected = [table(settings, amounts[row])[labels[row], decisions[row]] for row in range(len(amounts))]
    np.testing.assert_allclose(incurred, expected)


def test_costs_that_are_alike_for_all_records_are_scikit_learns_threshold():
    probabilities = np.random.default_rng(0).dirichlet([3, 1], 500)
    rule = RecordCostRule.of(CostSettings(**{"class": "rare"}, miss=20, false_alarm=5, catch=2), CLASSES[:2])
    classifier = _Fixed(probabilities)
    tuned = FixedThresholdClassifier(classifier, threshold=5 / (5 + 20 - 2), response_method="predict_proba")
    features = np.arange(500.0)[:, np.newaxis]
    tuned.fit(features, np.arange(500) % 2)
    np.testing.assert_array_equal(rule.decide(probabilities), tuned.predict(features))


class _Fixed(DummyClassifier):
    """Answers what it was made with."""

    def __init__(self, answers=None):
        super().__init__()
        self.answers = answers

    def predict_proba(self, features):
        return self.answers


def test_a_tie_is_not_acted_on():
    rule = RecordCostRule.of(CostSettings(**{"class": "rare"}, miss=1, false_alarm=1), CLASSES[:2])
    assert rule.decide(np.array([[0.5, 0.5], [0.25, 0.75]])).tolist() == [0, 1]


def test_only_decisions_that_rounding_may_turn_are_allowed():
    rule = RecordCostRule.of(
        CostSettings(**{"class": "rare"}, miss={"column": "amount"}, false_alarm=5), CLASSES[:2]
    )
    probabilities, amounts = np.array([[0.5, 0.5]] * 3), np.array([[5.0], [5.0001], [50.0]])
    assert rule.allows(probabilities, np.array([0, 0, 0]), 1e-5, amounts).tolist() == [True, True, False]
    assert rule.allows(probabilities, np.array([1, 1, 1]), 1e-5, amounts).tolist() == [True, True, True]
    amounts[0] = 4.99
    assert rule.allows(probabilities, np.array([1, 1, 1]), 1e-5, amounts).tolist() == [False, True, True]


@pytest.mark.parametrize("amount", [np.nan, np.inf, -np.inf, -0.01, 1.1e15])
def test_amounts_of_which_no_cost_can_be_made(amount):
    assert unfit_amounts(np.array([[0.0], [amount], [1e15]])).ravel().tolist() == [False, True, False]
