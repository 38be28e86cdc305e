"""Reads what the Evaluator wrote into the parts of metrics.json."""

import base64
import json
import math
from collections.abc import Sequence
from typing import Any

import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.writers import eval_config_writer

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.summary_metrics import SUMMARY_METRICS

_CLASS_NUMBERS = ("precision", "recall", "f1", "average_precision", "roc_auc")
# As TFMA names the model where there is another to hold it against; alone it has no name.
_CANDIDATE = "candidate"


def read_evaluation(evaluation_uri: str, classes: Sequence[str], label: str) -> dict[str, Any]:
    """Reads the TFMA result and its validation.

    Args:
        evaluation_uri: Folder of the Evaluator's `evaluation` artifact.
        classes: Class names in index order, as the model was trained with.
        label: Column of the class. Slices by it alone or crossed with it are left out: every slice has its
            numbers per class in any case.

    Returns:
        Of all examples `n`, `summary`, `per_class` and `confusion` in the form of metrics.json, with None for
        what is undefined; `slices`, by "column=value", with `n`, `summary` and `per_class` of each;
        `uncalibrated`, with the `summary` of the raw probabilities; `conditions`, what the gate asked;
        `blessed`; `not_blessed_because`, one sentence per condition that failed; and `has_baseline`.

    Raises:
        ValueError: The result holds no examples, or another number of classes.
    """
    sliced = _slices(evaluation_uri)
    if () not in sliced:
        raise ValueError(
            f"Expected an evaluation of at least one example. Received none in {evaluation_uri}: "
            "see that the split that was evaluated is not empty"
        )
    overall = _slice_metrics(sliced[()], classes)
    slices = {}
    for key in sorted(sliced, key=str):
        if key and label not in dict(key):
            metrics = _slice_metrics(sliced[key], classes)
            slices[_slice_name(key)] = {part: metrics[part] for part in ("n", "summary", "per_class")}
    conditions = json.loads(_text(sliced[()][""], "conditions") or "[]")
    uncalibrated = json.loads(_text(sliced[()][""], "uncalibrated") or "{}")
    validation = tfma.load_validation_result(evaluation_uri)
    return {
        **overall,
        "slices": slices,
        "uncalibrated": {"summary": uncalibrated.get("summary", {})},
        "conditions": conditions,
        "blessed": validation.validation_ok,
        "not_blessed_because": _reasons(validation, conditions),
        "has_baseline": any(condition["check"] == "macro_f1_drop" for condition in conditions),
    }


def read_test_records(evaluation_uri: str) -> AnsweredRecords | None:
    """Reads the test records and their answers; None where the test split held one class only."""
    packed = _slices(evaluation_uri).get((), {}).get("", {}).get("test_records")
    return None if packed is None else AnsweredRecords.from_bytes(base64.b64decode(packed["bytesValue"]))


def _slices(evaluation_uri: str) -> dict[tuple, dict[str, dict[str, Any]]]:
    """Returns the candidate's `{slice: {sub key: {metric: value}}}`; the sub key of no class is ""."""
    *_, model_locations = eval_config_writer.load_eval_run(evaluation_uri)
    name = _CANDIDATE if _CANDIDATE in model_locations else None
    result = tfma.load_eval_result(evaluation_uri, model_name=name)
    return {key: outputs[""] for key, outputs in result.slicing_metrics}


def _text(values: dict[str, Any], name: str) -> str | None:
    # Protobuf's JSON writes bytes in base 64.
    return base64.b64decode(values[name]["bytesValue"]).decode() if name in values else None


def _slice_metrics(by_class: dict[str, dict[str, Any]], classes: Sequence[str]) -> dict[str, Any]:
    """Returns one slice's numbers, from TFMA's `{sub key: {metric: value}}`; the sub key of no class is ""."""
    num_classes = sum(sub_key.startswith("classId:") for sub_key in by_class)
    if num_classes != len(classes):
        raise ValueError(
            f"Expected as many class names as the evaluated model has classes, {num_classes}. "
            f"Received: classes={list(classes)}"
        )
    class_values = [by_class[f"classId:{index}"] for index in range(num_classes)]
    return {
        "n": int(by_class[""]["example_count"]["doubleValue"]),
        "summary": {name: _number(by_class[""][name]) for name in SUMMARY_METRICS},
        "per_class": {
            name: _class_metrics(values) for name, values in zip(classes, class_values, strict=True)
        },
        "confusion": {
            "classes": list(classes),
            # Protobuf's JSON writes 64-bit ints as strings.
            "counts": [
                [int(count) for count in values["confusion"]["arrayValue"]["int64Values"]]
                for values in class_values
            ],
        },
    }


def _class_metrics(values: dict[str, Any]) -> dict[str, Any]:
    interval = [_number(values["recall_lower"]), _number(values["recall_upper"])]
    numbers = {name: _number(values[name]) for name in _CLASS_NUMBERS}
    return {
        "support": int(values["support"]["doubleValue"]),
        "precision": numbers.pop("precision"),
        "recall": numbers.pop("recall"),
        "recall_interval": None if None in interval else interval,
        **numbers,
    }


def _number(value: dict[str, Any]) -> float | None:
    # Protobuf's JSON writes NaN as a string, which float() reads.
    number = float(value["doubleValue"])
    return None if math.isnan(number) else number


def _slice_name(key: tuple[tuple[str, Any], ...]) -> str:
    return ", ".join(f"{column}={value}" for column, value in key)


def _reasons(
    validation: tfma.proto.validation_result_pb2.ValidationResult, conditions: list[dict[str, Any]]
) -> list[str]:
    reasons = [condition["sentence"] for condition in conditions if not condition["passed"]]
    if not reasons and not validation.validation_ok:
        return [
            "The evaluation checked no condition: see that the split that was evaluated holds two classes."
        ]
    return reasons
