import json

import pytest

from components.html_report.metrics_json import assemble_metrics

EVALUATION = {
    "n": 8,
    "summary": {"accuracy": 0.75, "macro_f1": 0.7},
    "per_class": {"a": {"support": 6, "recall": 0.8}, "b": {"support": 2, "recall": 0.5}},
    "confusion": {"classes": ["a", "b"], "counts": [[5, 1], [1, 1]]},
    "slices": {},
    "blessed": False,
    "not_blessed_because": ["Recall of b is too low."],
}
SPLIT_SUMMARY = {
    "classes": {"b": {"train": 10, "eval": 2, "test": 2}, "a": {"train": 30, "eval": 6, "test": 6}}
}
TRAINING = {"classes": ["a", "b"], "parameters": 99}


def test_document_holds_the_evaluation_and_the_train_shares():
    assert assemble_metrics("toy", EVALUATION, SPLIT_SUMMARY, TRAINING) == {
        "name": "toy",
        "split": "test",
        **EVALUATION,
        "uncalibrated": {},
        "contenders": {},
        "priors": {"natural": {"a": 0.75, "b": 0.25}, "training": {"a": 0.75, "b": 0.25}},
        "parameters": 99,
    }


def test_keys_and_classes_keep_their_order():
    document = assemble_metrics("toy", EVALUATION, SPLIT_SUMMARY, TRAINING)
    assert list(document)[:6] == ["name", "split", "n", "blessed", "not_blessed_because", "summary"]
    assert list(document["priors"]["natural"]) == ["a", "b"]


@pytest.mark.parametrize("missing", [float("nan"), float("inf"), None])
def test_a_number_that_is_not_finite_becomes_null(missing):
    evaluation = {**EVALUATION, "per_class": {"a": {"recall_interval": [missing, 1.0], "recall": missing}}}
    document = assemble_metrics("toy", evaluation, SPLIT_SUMMARY, TRAINING)
    scores = json.loads(json.dumps(document, allow_nan=False))["per_class"]["a"]
    assert scores == {"recall_interval": [None, 1.0], "recall": None}


def test_arguments_are_left_as_they_were():
    before = json.dumps([EVALUATION, SPLIT_SUMMARY, TRAINING])
    assemble_metrics("toy", EVALUATION, SPLIT_SUMMARY, TRAINING)
    assert json.dumps([EVALUATION, SPLIT_SUMMARY, TRAINING]) == before
