import json

import pytest

from components.html_report.metrics_json import assemble_metrics

EVALUATION = {
    "n": 8,
    "summary": {"accuracy": 0.75, "macro_f1": 0.7},
    "per_class": {"a": {"support": 6, "recall": 0.8}, "b": {"support": 2, "recall": 0.5}},
    "confusion": {"classes": ["a", "b"], "counts": [[5, 1], [1, 1]]},
    "slices": {},
    "uncalibrated": {"summary": {"accuracy": 0.5}},
    "conditions": [{"check": "recall_lower_bound", "subject": "b", "passed": False}],
    "blessed": False,
    "not_blessed_because": ["Recall of b is too low."],
}
TRAINING = {"classes": ["a", "b"], "parameters": 99}
CLASS_PRIORS = {"priors": {"before": {"a": 0.75, "b": 0.25}, "after": {"a": 0.5, "b": 0.5}}}
DECISION = {
    "version": "c0ffee",
    "settings": {"rule": "argmax"},
    "calibration": {"slope": {"a": 1.0, "b": 1.0}},
    "rule": {"name": "argmax"},
}


def test_document_holds_the_evaluation_and_the_shares_of_train_before_and_after_augmentation():
    evaluation = dict(EVALUATION)
    assert assemble_metrics("toy", EVALUATION, TRAINING, CLASS_PRIORS, DECISION) == {
        "name": "toy",
        "split": "test",
        "gate": evaluation.pop("conditions"),
        **evaluation,
        "decision": DECISION,
        "contenders": {},
        "priors": {"natural": {"a": 0.75, "b": 0.25}, "training": {"a": 0.5, "b": 0.5}},
        "parameters": 99,
    }


def test_keys_and_classes_keep_their_order():
    document = assemble_metrics("toy", EVALUATION, TRAINING, CLASS_PRIORS, DECISION)
    assert list(document)[:6] == ["name", "split", "n", "blessed", "not_blessed_because", "summary"]
    assert list(document["priors"]["natural"]) == ["a", "b"]


@pytest.mark.parametrize("missing", [float("nan"), float("inf"), None])
def test_a_number_that_is_not_finite_becomes_null(missing):
    evaluation = {**EVALUATION, "per_class": {"a": {"recall_interval": [missing, 1.0], "recall": missing}}}
    document = assemble_metrics("toy", evaluation, TRAINING, CLASS_PRIORS, DECISION)
    scores = json.loads(json.dumps(document, allow_nan=False))["per_class"]["a"]
    assert scores == {"recall_interval": [None, 1.0], "recall": None}


def test_arguments_are_left_as_they_were():
    before = json.dumps([EVALUATION, TRAINING, CLASS_PRIORS, DECISION])
    assemble_metrics("toy", EVALUATION, TRAINING, CLASS_PRIORS, DECISION)
    assert json.dumps([EVALUATION, TRAINING, CLASS_PRIORS, DECISION]) == before
