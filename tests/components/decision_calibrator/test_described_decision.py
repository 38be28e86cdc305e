"""What the document beside the model says of a decision is the decision."""

import numpy as np
import pytest

from components.decision_calibrator.abstention import Abstention
from components.decision_calibrator.calibration import Calibration
from components.decision_calibrator.cost_settings import CostSettings
from components.decision_calibrator.described_decision import calibration_of, describe_decision, rule_of
from components.decision_calibrator.fit_decision import FittedDecision
from components.decision_calibrator.prediction_sets import PredictionSets
from components.decision_calibrator.record_cost_rule import RecordCostRule
from components.decision_calibrator.rule import Queue, QueueSize, Rule
from components.decision_calibrator.settings import DecisionSettings
from core.documents.decision import AbstentionFigures, CoverageFigures, Decision

CLASSES = ["no", "so so", "yes"]
CALIBRATION = Calibration(np.array([1.0, 1.5, 2.0]), np.array([0.0, -0.5, 0.25]))
SIZES = [QueueSize(share, 1 - share, np.array([0.9, 1, 1.1]) - share, 7) for share in (0.1, 0.05, 0.2)]
RULES = {
    "weights": Rule.of_weights("macro_f1", [1.0, 2.0, 0.5], np.arange(9.0).reshape(3, 3)),
    "costs": Rule("cost_matrix", -np.arange(9.0).reshape(3, 3)),
    "queue": Rule.of_queue("capacity", 3, Queue(2, SIZES[0], tuple(SIZES[1:]))),
}


def described(rule, abstention=None):
    fitted = FittedDecision(CALIBRATION, rule, abstention)
    thirds = np.full(3, 1 / 3)
    return describe_decision(DecisionSettings(), fitted, CLASSES, thirds, thirds, "eval", np.array([0, 1, 1]))


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_is_read_as_it_was_written(rule, tmp_path):
    described(rule).write(str(tmp_path))
    document = Decision.read(str(tmp_path))
    assert document == described(rule)
    again = rule_of(document.rule, CLASSES)
    for name in ("name", "matrix", "weights", "spread"):
        np.testing.assert_array_equal(getattr(again, name), getattr(rule, name))
    if rule.queue is not None:
        assert again.queue.index == rule.queue.index
        for one, other in zip(
            (again.queue.size, *again.queue.others), (rule.queue.size, *rule.queue.others), strict=True
        ):
            assert (one.share, one.threshold, one.num_records) == (other.share, other.threshold, 7)
            assert one.spread.tolist() == other.spread.tolist()
    calibration = calibration_of(document)
    assert calibration.slope.tolist() == [1, 1.5, 2] and calibration.offset.tolist() == [0, -0.5, 0.25]


def test_an_abstention_is_described_with_the_doubt_it_goes_by(tmp_path):
    for name, formula in (
        ("weights", "1 - max(probabilities @ matrix) / sum(probabilities @ matrix)"),
        ("costs", "-max(probabilities @ matrix)"),
    ):
        abstention = Abstention("max_share", 0.1, 0.4, np.array([0.3, 0.4, 0.5]), 0.09, 0.02)
        figures = described(RULES[name], abstention).figures().abstention
        assert figures == AbstentionFigures(
            formula=formula, threshold=0.4, threshold_spread=(0.3, 0.4, 0.5), share=0.09, error=0.02
        )
    assert "abstention" not in described(RULES["costs"]).as_dict()
    assert described(RULES["costs"], abstention).version != described(RULES["costs"]).version


def test_sets_are_described_by_class():
    sets = PredictionSets(0.8, np.array([0.2, 0.3, 0.4]), np.array([9, 4, 1]), np.array([1, 1, 0.25]))
    fitted = FittedDecision(CALIBRATION, RULES["weights"], sets=sets)
    thirds = np.full(3, 1 / 3)
    made = describe_decision(DecisionSettings(), fitted, CLASSES, thirds, thirds, "eval", np.array([0]))
    assert made.figures().coverage == CoverageFigures(
        formula="probabilities >= thresholds",
        coverage=0.8,
        thresholds={"no": 0.2, "so so": 0.3, "yes": 0.4},
        records={"no": 9, "so so": 4, "yes": 1},
        fewest_records=4,
        own_weight={"no": 1.0, "so so": 1.0, "yes": 0.25},
    )
    assert "coverage" not in described(RULES["weights"]).as_dict()


def test_a_rule_without_a_queue_says_nothing_of_one():
    assert "queue" not in described(RULES["weights"]).as_dict()["rule"]
    formula = described(RULES["queue"]).rule.formula
    assert (
        formula == '"yes" where its probability is above 0.9, elsewhere argmax(probabilities) of the others'
    )


def test_costs_are_read_as_they_were_written(tmp_path):
    settings = CostSettings(
        **{"class": "yes"}, miss={"column": "amount", "times": 0.8, "plus": 3}, false_alarm=5
    )
    rule = RecordCostRule.of(settings, CLASSES)
    described(rule, Abstention("cost", 2.0, 2.0, None, 0.1, 0.0)).write(str(tmp_path))
    document = Decision.read(str(tmp_path))
    assert rule_of(document.rule, CLASSES).record_costs == rule.record_costs
    assert document.rule.costs.text() == "miss = 0.8 * amount + 3, false alarm = 5, catch = 0"
    assert document.rule.formula.startswith('"yes" where p * catch + (1 - p) * false_alarm < p * miss')
    assert "expected cost of the decision" in document.abstention.formula
    assert "costs" not in described(RULES["costs"]).as_dict()["rule"]
