import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.decision_calibrator.rule import Queue, QueueSize, Rule
from components.decision_calibrator.rules.cost_matrix import CostMatrix
from components.decision_calibrator.rules.rule_kind import HeldOutRecords
from components.decision_calibrator.rules.table import rule_kind
from components.decision_calibrator.settings import DecisionSettings

CLASSES = ["good", "scratch", "crack"]
COSTS = {"crack": {"good": 50.0, "scratch": 5.0}, "scratch": {"good": 4.0}}


def records(size=300, seed=0):
    random = np.random.default_rng(seed)
    labels = random.choice(3, size, p=[0.7, 0.2, 0.1])
    evidence = random.normal(0, 1, (size, 3)) + 1.5 * np.eye(3)[labels]
    joint = np.exp(1.5 * evidence) * [0.7, 0.2, 0.1]
    return joint / joint.sum(axis=1, keepdims=True), labels


def fitted(settings, probabilities, labels, classes):
    records = HeldOutRecords(probabilities, labels, np.ones(len(labels)), tuple(classes), seed=0)
    return rule_kind(settings.rule).fit(settings.rule, records)


def rule_of(**settings):
    return fitted(DecisionSettings(**settings), *records(), CLASSES)


def test_argmax_decides_for_the_most_probable_class():
    probabilities, _ = records()
    np.testing.assert_array_equal(rule_of().decide(probabilities), probabilities.argmax(axis=1))


@given(st.integers(0, 10**6))
def test_costs_decide_at_the_least_expected_cost_by_hand(seed):
    probabilities = np.random.default_rng(seed).dirichlet(np.ones(3), 20)
    costs = {
        "good": {"good": 0, "scratch": 1, "crack": 1},
        "scratch": {"good": 4, "scratch": 0, "crack": 1},
        "crack": {"good": 50, "scratch": 5, "crack": 0},
    }
    decisions = rule_of(rule={"cost_matrix": COSTS}).decide(probabilities)
    for row, decision in zip(probabilities, decisions, strict=True):
        expected = [
            sum(share * costs[true][decided] for true, share in zip(CLASSES, row, strict=True))
            for decided in CLASSES
        ]
        assert expected[decision] == pytest.approx(min(expected))


def test_a_mistake_that_is_not_listed_costs_one():
    np.testing.assert_array_equal(
        CostMatrix(cost_matrix=COSTS).rows(tuple(CLASSES)), [[0, 1, 1], [4, 0, 1], [50, 5, 0]]
    )


def test_dear_misses_make_the_rare_class_decided_more_often():
    probabilities, _ = records()
    dear = rule_of(rule={"cost_matrix": COSTS}).decide(probabilities)
    assert (dear == 2).sum() > (probabilities.argmax(axis=1) == 2).sum()


def test_a_fitted_rule_knows_the_spread_of_its_weights():
    rule = rule_of(rule="macro_f1")
    assert rule.spread.shape == (3, 3)
    assert (rule.spread[:, 0] <= rule.spread[:, 2]).all() and rule.spread[2, 0] < rule.spread[2, 2]
    np.testing.assert_array_equal(rule.spread[0], 1)


def test_two_classes_have_thresholds_that_decide_as_the_weights_do():
    probabilities, labels = records()
    two = np.stack([probabilities[:, 0], 1 - probabilities[:, 0]], axis=1)
    rule = fitted(DecisionSettings(rule="macro_f1"), two, np.minimum(labels, 1), ["good", "bad"])
    decided = (two[:, 1] > rule.thresholds()[1]).astype(int)
    np.testing.assert_array_equal(rule.decide(two), decided)
    assert rule.thresholds().sum() == pytest.approx(1)


def test_a_floor_names_its_class():
    probabilities, labels = records()
    rule = rule_of(rule={"min_recall": {"crack": 0.95}})
    assert (rule.decide(probabilities)[labels == 2] == 2).mean() >= 0.95
    assert rule.name == "min_recall"


def queue_of(index: int, threshold: float, num_classes: int = 2) -> Rule:
    size = QueueSize(0.1, threshold, np.full(3, threshold), 1)
    return Rule.of_queue("capacity", num_classes, Queue(index, size))


def test_a_queue_of_two_classes_is_a_threshold_on_its_class():
    assert queue_of(1, 0.3).thresholds().tolist() == [0.7, 0.3]
    assert queue_of(0, 0.3).thresholds().tolist() == [0.3, 0.7]
    assert queue_of(0, 0.3, num_classes=3).thresholds() is None
    assert queue_of(1, 0.3).decide(np.array([[0.69, 0.31], [0.71, 0.29]])).tolist() == [1, 0]


@given(st.integers(0, 10**6), st.sampled_from(["weights", "costs", "queue"]))
def test_what_a_rule_decides_within_the_tolerance_is_allowed_and_nothing_else(seed, kind):
    random = np.random.default_rng(seed)
    rule = {
        "weights": Rule.of_weights("macro_f1", random.uniform(0.5, 2, 3)),
        "costs": Rule("cost_matrix", -random.uniform(0, 5, (3, 3))),
        "queue": queue_of(int(random.integers(3)), random.uniform(0.1, 0.6), 3),
    }[kind]
    probabilities = random.dirichlet(np.ones(3), 40)
    shaken = probabilities + random.uniform(-1e-3, 1e-3, probabilities.shape)
    assert rule.allows(probabilities, rule.decide(shaken), 1e-3).all()
    decided = rule.decide(probabilities)
    assert rule.allows(probabilities, decided, 0.0).all()
    others = (decided + 1) % 3
    # So much within the tolerance of a tie are few of 40 records drawn at random.
    assert rule.allows(probabilities, others, 1e-6).sum() <= 1
