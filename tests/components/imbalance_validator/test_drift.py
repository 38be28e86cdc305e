import numpy as np
import pytest

from components.imbalance_validator.drift import check_last_run, check_splits, label_drift
from components.imbalance_validator.settings import ValidationSettings
from core.splitting import split_counts

SETTINGS = ValidationSettings()
DRIFTED = np.array([[100, 300], [60, 20], [22, 64]])


def test_drift_of_a_quarter_by_hand():
    # 50 of 200 against 100 of 200; two records of each 200 may be rounding.
    drift = label_drift(np.array([50, 150]), np.array([100, 100]))
    np.testing.assert_allclose(drift, [0.25 - 0.02, 0.25 - 0.02])


@pytest.mark.parametrize("sizes", [[3, 3, 3], [12, 3, 3], [40, 12, 4], [5000, 30, 7]])
def test_rounding_of_our_own_shares_is_no_drift(facts_of, sizes):
    shares = np.array([0.7, 0.15, 0.15])
    counts = np.stack([split_counts(size, shares) for size in sizes], axis=1)
    facts = facts_of(classes=("a", "b", "c"), counts=counts)
    assert check_splits(facts, SETTINGS) == []


def test_drift_is_hard_by_shares_and_soft_in_given_splits(facts_of):
    for given, severity in ((False, "hard"), (True, "soft")):
        findings = check_splits(facts_of(counts=DRIFTED, splits_given=given), SETTINGS)
        assert {finding.severity for finding in findings} == {severity}
        assert {finding.subject for finding in findings} == {"cat", "dog"}
        assert "25.0% of train and 75.0% of eval" in findings[0].message


def test_drift_within_the_limit_is_not_named(facts_of):
    assert check_splits(facts_of(counts=DRIFTED), ValidationSettings(max_label_drift=0.6)) == []


def test_the_last_runs_data_are_compared_softly(facts_of):
    assert check_last_run(facts_of(), SETTINGS) == []
    assert check_last_run(facts_of(previous=None), SETTINGS) == []
    findings = check_last_run(facts_of(previous={"cat": 425, "dog": 140}), SETTINGS)
    assert [(finding.severity, finding.subject) for finding in findings] == [("soft", "cat"), ("soft", "dog")]
    assert "25.0% of the records; in the last run's data it made up 75.2%" in findings[0].message


def test_classes_that_came_and_went_are_named_however_rare(facts_of):
    findings = check_last_run(facts_of(previous={"dog": 425, "cat": 140, "lynx": 3}), SETTINGS)
    assert [finding.subject for finding in findings] == ["lynx"] and "is gone" in findings[0].message
    findings = check_last_run(facts_of(previous={"dog": 425}), SETTINGS)
    assert any("'cat' is new" in finding.message for finding in findings)
