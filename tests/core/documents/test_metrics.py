"""The public document of a run: what a program that reads it can rely on."""

import json

import jsonschema
import pytest

from core.documents.contender_results import ContenderResult
from core.documents.metrics import Metrics, Seconds
from core.errors import DocumentError
from tests.components.html_report.made_up import class_scores, contender, metrics_of

# The example that the contract is written as; programs elsewhere read these keys.
CONTRACT = """
{"name": "trashnet", "split": "test", "n": 380, "blessed": true, "not_blessed_because": [],
 "summary": {"accuracy": 0, "balanced_accuracy": 0, "macro_f1": 0, "mcc": 0, "g_mean": 0, "worst_recall": 0,
  "macro_average_precision": 0, "macro_roc_auc": 0, "brier": 0, "ece": 0},
 "per_class": {"glass": {"support": 75, "precision": 0, "recall": 0, "recall_interval": [0, 0], "f1": 0,
  "average_precision": 0, "roc_auc": 0}},
 "confusion": {"classes": ["cardboard"], "counts": [[0]]},
 "slices": {},
 "uncalibrated": {"summary": {}},
 "contenders": {"gradient_boosting": {"summary": {}, "per_class": {}}},
 "priors": {"natural": {}, "training": {}},
 "seconds": {"total": 0, "stages": {"Trainer": 0}}, "parameters": 0}
"""


def parts_of(schema):
    """The schema's properties, with what is referred to in its place."""

    def resolved(one):
        if "$ref" in one:
            return resolved(schema["$defs"][one["$ref"].rpartition("/")[2]])
        if "anyOf" in one:
            [other] = [other for other in one["anyOf"] if other.get("type") != "null"]
            return resolved(other)
        return one

    return resolved


def disagreements(example, schema, resolved, path=""):
    """Keys of an example that a schema does not know, and values of another type."""
    schema = resolved(schema)
    if not isinstance(example, dict):
        if not jsonschema.Draft202012Validator(schema).is_valid(example):
            yield path
        return
    for key, value in example.items():
        inner = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
        if not inner:
            yield f"{path}.{key}"
        else:
            yield from disagreements(value, inner, resolved, f"{path}.{key}")


def test_the_schema_knows_every_key_of_the_contract():
    schema = Metrics.json_schema()
    assert list(disagreements(json.loads(CONTRACT), schema, parts_of(schema))) == []


@pytest.mark.parametrize("key", ["recall_intervals", "blesed"])
def test_a_key_outside_the_contract_would_be_noticed(key):
    example = json.loads(CONTRACT)
    (example if key == "blesed" else example["per_class"]["glass"])[key] = 0
    schema = Metrics.json_schema()
    assert [path.rpartition(".")[2] for path in disagreements(example, schema, parts_of(schema))] == [key]


def test_the_schema_takes_what_is_written_and_nothing_else():
    validator = jsonschema.Draft202012Validator(Metrics.json_schema())
    content = json.loads(metrics_of({"a": class_scores(3, recall=0.5), "b": class_scores(1)}).to_bytes())
    assert content["version"] == 1
    validator.validate(content)
    for wrong in ({"n": "380"}, {"per_class": {"a": {"support": 3}}}, {"version": 2}, {"more": 1}):
        assert not validator.is_valid(content | wrong), wrong


def test_all_seconds_stand_in_one_place():
    metrics = metrics_of({"a": class_scores(3)}, contenders={"majority": took(0.25), "refused": contender()})
    finished = metrics.finished(Seconds(total=12.3456, stages={"Trainer": 1.005, "Pusher": 2}))
    assert json.loads(finished.to_bytes())["seconds"] == {
        "total": 12.35,
        "stages": {"Trainer": 1.0, "Pusher": 2},
        "contenders": {"majority": 0.25},
    }
    assert "seconds" not in finished.contenders["majority"].as_dict()
    assert finished.contenders["majority"] == contender()
    assert metrics.contenders["majority"].seconds == 0.25


def took(seconds):
    return ContenderResult(**vars(contender()) | {"seconds": seconds})


def test_without_contenders_there_are_no_seconds_of_theirs():
    assert list(
        metrics_of({"a": class_scores(3)}).finished(Seconds(total=1.0, stages={})).as_dict()["seconds"]
    ) == [
        "total",
        "stages",
    ]


def test_the_experiments_name_is_found_whatever_the_version(tmp_path):
    path = tmp_path / Metrics.FILE_NAME
    assert Metrics.experiment_of(str(tmp_path)) is None
    for content, name in (('{"version": 9, "name": "parts"}', "parts"), ('{"name": 3}', None), ("[", None)):
        path.write_text(content)
        assert Metrics.experiment_of(str(tmp_path)) == name
    with pytest.raises(DocumentError):
        Metrics.read(str(tmp_path))
