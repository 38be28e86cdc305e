"""Reads what the Evaluator wrote into the parts of metrics.json."""

import math
from collections.abc import Sequence
from typing import Any

import tensorflow_model_analysis as tfma

from components.classification_metrics import SUMMARY_METRICS

_CLASS_NUMBERS = ("precision", "recall", "f1", "average_precision", "roc_auc")


def read_evaluation(evaluation_uri: str, classes: Sequence[str], label: str) -> dict[str, Any]:
    """Reads the TFMA result and its validation.

    Args:
        evaluation_uri: Folder of the Evaluator's `evaluation` artifact.
        classes: Class names in index order, as the model was trained with.
        label: Column of the class. Slices by it alone or crossed with it are left out: every slice has its
            numbers per class in any case.

    Returns:
        Of all examples `n`, `summary`, `per_class` and `confusion` in the form of metrics.json, with None for
        what is undefined; `slices`, by "column=value", with `n`, `summary` and `per_class` of each; `blessed`;
        and `not_blessed_because`, one sentence per failed threshold.

    Raises:
        ValueError: The result holds no examples, or another number of classes.
    """
    sliced = {key: outputs[""] for key, outputs in tfma.load_eval_result(evaluation_uri).slicing_metrics}
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
    validation = tfma.load_validation_result(evaluation_uri)
    return {
        **overall,
        "slices": slices,
        "blessed": validation.validation_ok,
        "not_blessed_because": _reasons(validation, overall["per_class"]),
    }


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
    validation: tfma.proto.validation_result_pb2.ValidationResult, per_class: dict[str, Any]
) -> list[str]:
    reasons = [
        _failure_sentence(failure, per_class)
        for slice_validation in validation.metric_validations_per_slice
        for failure in slice_validation.failures
    ]
    if not reasons and not validation.validation_ok:
        return ["The evaluation checked no threshold: see that the split that was evaluated is not empty."]
    return reasons


def _failure_sentence(failure: Any, per_class: dict[str, Any]) -> str:
    """Returns a sentence naming metric, value and threshold, and the class that decided it where one did."""
    name, value = failure.metric_key.name, failure.metric_value.double_value.value
    bounds = failure.metric_threshold.value_threshold
    sentence = f"{name} is {value:.4g}; the threshold asks for "
    sentence += " and ".join(
        f"{words} {getattr(bounds, field).value:.4g}"
        for field, words in (("lower_bound", "at least"), ("upper_bound", "at most"))
        if bounds.HasField(field)
    )
    if name == "worst_recall_lower_bound":
        sentence += f": {_weakest_class(per_class)}"
    return sentence + "."


def _weakest_class(per_class: dict[str, Any]) -> str:
    name = min(per_class, key=lambda each: (per_class[each]["recall_interval"] or [0.0])[0])
    metrics = per_class[name]
    if metrics["recall_interval"] is None:
        return f"class {name!r} has no example in the evaluated split, so nothing is known of its recall"
    low, high = metrics["recall_interval"]
    hits = round(metrics["recall"] * metrics["support"])
    return (
        f"class {name!r} has recall {metrics['recall']:.4g} ({hits} of {metrics['support']}), "
        f"95 % interval {low:.4g} to {high:.4g}"
    )
