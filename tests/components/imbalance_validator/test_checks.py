from typing import get_args

import numpy as np
import pytest

from components.imbalance_validator.check_table import CHECKS
from components.imbalance_validator.checks import load_check, refusal, run_checks
from components.imbalance_validator.facts import Anomaly, Crossing
from components.imbalance_validator.settings import CheckName, ValidationSettings
from core.documents.time_summary import ClassTrend, TimeSummary
from core.times.written import DAY
from tests.components.imbalance_validator.conftest import ROWS, clean_facts, numbers, texts

SETTINGS = ValidationSettings()
RANDOM = np.random.default_rng(0)
DOG = np.repeat([1, 0], list(ROWS.values()))


def moving(trends):
    """Makes a summary of times of which the trends alone matter."""
    return TimeSummary(
        column="when", rule="years", first="2020-01-01", last="2024-01-01", records_per_day=1.0, splits={}, periods=(),
        trends={name: ClassTrend(early=early, late=late, p_value=p) for name, (early, late, p) in trends.items()},
    )  # fmt: skip


# Check to the data it must not let pass, and words of its message.
PLANTED = {
    "schema_anomalies": (
        lambda: clean_facts(anomalies=(Anomaly("eval", "colour", "hard", "Unexpected values: pink"),)),
        "'colour' breaks the schema in eval",
    ),
    "class_in_every_split": (
        lambda: clean_facts(counts=np.array([[12, 300], [0, 64], [0, 64]]), previous=None),
        "'cat' has no example in eval and test",
    ),
    "class_count": (
        lambda: clean_facts(counts=np.array([[5, 300], [1, 64], [1, 64]]), previous=None),
        "'cat' has 7 examples over all splits",
    ),
    "drift_between_splits": (
        lambda: clean_facts(counts=np.array([[100, 300], [42, 43], [22, 64]])),
        "25.0% of train and 49.4% of eval",
    ),
    "records_in_one_split": (
        lambda: clean_facts(contents=Crossing(1, 2, ("a.csv, row 1 (train) = b.csv, row 2 (test)",))),
        "a.csv, row 1 (train) = b.csv, row 2 (test)",
    ),
    "groups_in_one_split": (
        lambda: clean_facts(groups=Crossing(1, 9, ("'p7' (train and test)",))),
        "'p7' (train and test)",
    ),
    "later_records": (
        lambda: clean_facts(
            time_gap=0,
            time_spans={"train": (0, 5 * DAY), "eval": (5 * DAY, 7 * DAY), "test": (8 * DAY, 9 * DAY)},
        ),
        "Split train reaches to 1970-01-06, and eval begins at 1970-01-06",
    ),
    "label_given_away": (
        lambda: clean_facts(columns={"leak": numbers(DOG * 2.0)}),
        "'leak' alone gives the label away",
    ),
    "label_spelling": (
        lambda: clean_facts(classes=("Cat", "cat "), previous=None),
        "'cat ' (428 examples) and 'Cat' (143 examples) differ by case or space only",
    ),
    "drift_since_last_run": (
        lambda: clean_facts(previous={"cat": 300, "dog": 300}),
        "in the last run's data",
    ),
    "given_copies": (
        lambda: clean_facts(given_copies=4, splits_given=True),
        "4 records repeat another's content",
    ),
    "outstanding_feature": (
        lambda: clean_facts(columns={"duration": numbers(RANDOM.normal(DOG * 2.5, 1))}),
        "'duration' is suspicious",
    ),
    "one_class_only": (
        lambda: clean_facts(columns={"odd": numbers([*RANDOM.normal(size=388), *[np.nan] * 12])}),
        "'odd' is missing in class 'cat' only",
    ),
    "drift_over_time": (
        lambda: clean_facts(over_time=moving({"cat": (0.1, 0.3, 1e-9), "dog": (0.9, 0.7, 0.5)})),
        "Class 'cat' makes up 10.00% of the first third of the records and 30.00% of the last, more than chance",
    ),
    "id_like_column": (
        lambda: clean_facts(columns={"serial": texts([f"n{number}" for number in range(400)])}),
        "'serial' looks like an id",
    ),
}
HARD = list(PLANTED)[:9]


def test_every_check_has_a_name_in_the_settings_and_a_planted_fault():
    assert tuple(CHECKS) == get_args(CheckName)
    assert len({load_check(name) for name in CHECKS}) == len(CHECKS)
    assert set(PLANTED) == set(CHECKS) - {"class_balance"}


def test_clean_data_raise_no_warning():
    findings = run_checks(clean_facts(), SETTINGS)
    assert {(finding.check, finding.severity) for finding in findings} == {("class_balance", "note")}
    assert refusal(findings) is None


@pytest.mark.parametrize("check", PLANTED)
def test_a_planted_fault_is_caught_by_its_check_with_its_message(check):
    make, words = PLANTED[check]
    caught = [finding for finding in run_checks(make(), SETTINGS) if finding.severity != "note"]
    assert {finding.check for finding in caught} == {check}
    assert any(words in finding.message and finding.advice for finding in caught)
    assert (refusal(caught) is not None) == (check in HARD)


@pytest.mark.parametrize("check", PLANTED)
def test_a_planted_fault_passes_where_its_check_is_switched_off(check):
    make, _ = PLANTED[check]
    for findings in (
        run_checks(make(), SETTINGS, skip=[check]),
        run_checks(make(), ValidationSettings(skip=(check,))),
    ):
        assert {finding.severity for finding in findings} == {"note"}


def test_excessive_imbalance_is_caught_unless_its_check_is_off():
    settings = ValidationSettings(max_imbalance_ratio=2)
    assert "max_imbalance_ratio is 2" in refusal(run_checks(clean_facts(), settings))
    assert run_checks(clean_facts(), settings, skip=["class_balance"]) == []


def test_the_refusal_names_every_hard_finding_and_counts_the_rest():
    classes = tuple(f"class {number}" for number in range(30))
    facts = clean_facts(classes=classes, counts=np.full((3, 30), 2), previous=None)
    message = refusal(run_checks(facts, SETTINGS), most=20)
    assert "30 things stand in the way" in message and message.count("min_class_count is 10") == 20
    assert "- and 10 more." in message
    assert message.endswith("set validation.on_anomaly to warn.")


def test_hard_findings_come_first_and_notes_last():
    facts = clean_facts(
        columns={"leak": numbers(DOG * 2.0), "serial": texts([f"n{number}" for number in range(400)])}
    )
    severities = [finding.severity for finding in run_checks(facts, SETTINGS)]
    assert severities == sorted(severities, key=("hard", "soft", "note").index)
    assert set(severities) == {"hard", "soft", "note"}
