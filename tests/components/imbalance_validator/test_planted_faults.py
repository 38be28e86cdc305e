"""Faults planted in the data are caught, each by its own guard: with the guard off they pass."""

import dataclasses

import numpy as np
import pytest

from components.imbalance_validator.checks import refusal, run_checks
from components.imbalance_validator.facts import Column, Crossing, DataFacts, Sample
from components.imbalance_validator.leakage import feature_aucs
from components.imbalance_validator.settings import ValidationSettings

SETTINGS = ValidationSettings()


def sound_facts(**changes):
    """400 train records of two classes, one feature that tells them apart a little."""
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1], [300, 100])
    columns = {"width": Column(True, random.normal(labels * 0.5)), **changes.pop("columns", {})}
    sample = Sample(labels, random.integers(0, 2**63, 400).astype(np.uint64), columns)
    facts = DataFacts(
        classes=("common", "rare"),
        splits=("train", "eval", "test"),
        counts=np.array([[300, 100], [64, 21], [64, 21]]),
        splits_given=False,
        sample=sample,
        aucs=feature_aucs(sample, 2),
    )
    return dataclasses.replace(facts, **changes)


def hard(facts, skip=()):
    return {finding.check for finding in run_checks(facts, SETTINGS, skip) if finding.severity == "hard"}


def leak():
    labels = np.repeat([0.0, 1.0], [300, 100])
    return {"columns": {"verdict": Column(True, labels * 3 + 1)}}


FAULTS = {
    "label_given_away": (leak(), "verdict"),
    "class_in_every_split": ({"counts": np.array([[300, 100], [64, 21], [85, 0]])}, "rare"),
    "records_in_one_split": ({"contents": Crossing(1, 2, ("a.csv, row 1 (train), row 9 (test)",))}, "row 9"),
    "groups_in_one_split": ({"groups": Crossing(1, 5, ("patient 7 (train, test)",))}, "patient 7"),
    "label_spelling": ({"classes": ("Cat", "cat ")}, "'cat '"),
    "class_count": ({"counts": np.array([[300, 3], [64, 1], [64, 1]])}, "rare"),
    "drift_between_splits": ({"counts": np.array([[300, 100], [40, 45], [64, 21]])}, "eval"),
}


def test_sound_data_pass():
    findings = run_checks(sound_facts(), SETTINGS)
    assert not hard(sound_facts())
    assert refusal(findings) is None
    assert all(finding.message for finding in findings)


@pytest.mark.parametrize("check", FAULTS)
def test_planted_fault_is_caught_with_its_own_message(check):
    changes, named = FAULTS[check]
    facts = sound_facts(**changes)
    assert check in hard(facts)
    message = refusal([finding for finding in run_checks(facts, SETTINGS) if finding.check == check])
    assert named in message


@pytest.mark.parametrize("check", FAULTS)
def test_planted_fault_passes_with_its_guard_off(check):
    facts = sound_facts(**FAULTS[check][0])
    assert check not in hard(facts, skip=[check])
    assert hard(facts, skip=[check]) == hard(facts) - {check}


def test_drift_between_given_splits_does_not_end_the_run():
    changes = FAULTS["drift_between_splits"][0]
    assert "drift_between_splits" not in hard(sound_facts(**changes, splits_given=True))
