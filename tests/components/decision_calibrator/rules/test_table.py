"""Every row of the table of decision rules."""

import subprocess
import sys

import numpy as np
import pytest
from pydantic import ValidationError

from components.decision_calibrator.rules.rule_kind import HeldOutRecords
from components.decision_calibrator.rules.table import RULES, rule_kind, usage
from components.decision_calibrator.settings import DecisionSettings

CHOICES = {
    "argmax": "argmax",
    "macro_f1": "macro_f1",
    "balanced_accuracy": "balanced_accuracy",
    "cost_matrix": {"cost_matrix": {"rare": {"common": 9}}},
    "min_recall": {"min_recall": {"rare": 0.8}},
    "min_precision": {"min_precision": {"rare": 0.8}},
    "capacity": {"capacity": {"class": "rare", "share": 0.2}},
}


def records():
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1], [60, 15])
    rare = np.clip(random.normal(0.3 + 0.3 * labels, 0.15), 0.01, 0.99)
    return HeldOutRecords(np.stack([1 - rare, rare], axis=1), labels, np.ones(75), ("common", "rare"), 0)


def test_every_rule_is_chosen_by_name_or_by_its_settings_and_carries_the_name():
    assert list(CHOICES) == [kind.name for kind in RULES]
    for kind in RULES:
        choice = DecisionSettings(rule=CHOICES[kind.name]).rule
        assert rule_kind(choice) is kind
        assert kind.fit(choice, records()).name == kind.name


@pytest.mark.parametrize("kind", RULES, ids=lambda kind: kind.name)
def test_a_rule_has_words_for_the_report_and_decides_for_known_classes(kind):
    assert kind.meaning.startswith("the ") and not kind.meaning.endswith(".")
    rule = kind.fit(DecisionSettings(rule=CHOICES[kind.name]).rule, records())
    assert rule.matrix.shape == (2, 2) and set(rule.decide(records().probabilities)) <= {0, 1}


def test_the_reference_names_every_choice():
    assert all((kind.usage or kind.name) in usage() for kind in RULES)
    assert "{cost_matrix: {true: {decided: cost}}}; {min_recall: {class: 0.9}}; {min_precision" in usage()
    assert usage().endswith(" or {capacity: {class: NAME, share: 0.002}}.")


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"min_recall": {"rare": 2}}, "rule.*min_recall.rare\n  Input should be less than or equal to 1"),
        (
            {"capcity": 1},
            "Expected one of argmax, .* or a table with one of the keys cost_matrix, .*, capacity",
        ),
        ("macro_f2", "Input should be 'argmax'"),
    ],
)
def test_of_a_rule_that_is_wrong_the_faults_of_no_other_are_told(choice, message):
    with pytest.raises(ValidationError, match=message) as caught:
        DecisionSettings(rule=choice)
    assert caught.value.error_count() == 1


def test_a_rule_that_takes_settings_is_not_chosen_by_its_name_alone():
    with pytest.raises(ValidationError):
        DecisionSettings(rule="min_recall")


def test_settings_are_read_without_numpy():
    code = "import sys, components.decision_calibrator.check; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
