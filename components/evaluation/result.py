"""Reads what the Evaluator wrote into the parts of metrics.json."""

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.writers import eval_config_writer

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.summary_metrics import SUMMARY_METRICS
from core.documents.metrics import GateCondition
from core.documents.scores import ClassScores, Confusion, SliceScores, Summary, UncalibratedScores
from core.documents.values import without_infinities

# As TFMA names the model where there is another to hold it against; alone it has no name.
_CANDIDATE = "candidate"


@dataclass(frozen=True)
class Evaluation:
    """What the Evaluator measured on the test split.

    Attributes:
        n: Number of test records.
        summary: Scores of all classes together.
        per_class: Scores of each class.
        confusion: Confusion counts.
        slices: Scores of parts of the split, by "column=value".
        uncalibrated: Scores of the raw probabilities.
        conditions: What the gate asked.
        blessed: Whether all of that holds.
        not_blessed_because: A sentence for each condition that failed.
        has_baseline: Whether there was a last blessed model.
    """

    n: int
    summary: Summary
    per_class: dict[str, ClassScores]
    confusion: Confusion
    slices: dict[str, SliceScores]
    uncalibrated: UncalibratedScores
    conditions: tuple[GateCondition, ...]
    blessed: bool
    not_blessed_because: tuple[str, ...]
    has_baseline: bool


def read_evaluation(evaluation_uri: str, classes: Sequence[str], label: str) -> Evaluation:
    """Reads the TFMA result and its validation.

    Args:
        evaluation_uri: Folder of the Evaluator's `evaluation` artifact.
        classes: Class names in index order, as the model was trained with.
        label: Column of the class. Slices by it alone or crossed with it are left out: every slice has its
            numbers per class in any case.

    Raises:
        ValueError: The result holds no examples, or another number of classes.
    """
    sliced = _slices(evaluation_uri)
    if () not in sliced:
        raise ValueError(
            f"Expected an evaluation of at least one example. Received none in {evaluation_uri}: "
            "see that the split that was evaluated is not empty"
        )
    overall = _slice_scores(sliced[()], classes)
    conditions = tuple(GateCondition(**condition) for condition in _json(sliced[()][""], "conditions", "[]"))
    uncalibrated = _json(sliced[()][""], "uncalibrated", "{}").get("summary", {})
    validation = tfma.load_validation_result(evaluation_uri)
    return Evaluation(
        n=overall.n,
        summary=overall.summary,
        per_class=overall.per_class,
        confusion=_confusion(sliced[()], classes),
        slices={
            _slice_name(key): _slice_scores(sliced[key], classes)
            for key in sorted(sliced, key=str)
            if key and label not in dict(key)
        },
        uncalibrated=UncalibratedScores(summary=Summary(**uncalibrated)),
        conditions=conditions,
        blessed=validation.validation_ok,
        not_blessed_because=tuple(_reasons(validation, conditions)),
        has_baseline=any(condition.check == "macro_f1_drop" for condition in conditions),
    )


def read_test_records(evaluation_uri: str) -> AnsweredRecords | None:
    """Reads the test records and their answers; None where the test split held one class only."""
    packed = _slices(evaluation_uri).get((), {}).get("", {}).get("test_records")
    return None if packed is None else AnsweredRecords.from_bytes(base64.b64decode(packed["bytesValue"]))


_Values = Mapping[str, Any]
_ByClass = Mapping[str, _Values]


def _slices(evaluation_uri: str) -> dict[tuple, _ByClass]:
    """Returns the candidate's `{slice: {sub key: {metric: value}}}`; the sub key of no class is ""."""
    *_, model_locations = eval_config_writer.load_eval_run(evaluation_uri)
    name = _CANDIDATE if _CANDIDATE in model_locations else None
    result = tfma.load_eval_result(evaluation_uri, model_name=name)
    return {key: outputs[""] for key, outputs in result.slicing_metrics}


def _json(values: _Values, name: str, default: str) -> Any:
    # Protobuf's JSON writes bytes in base 64.
    text = base64.b64decode(values[name]["bytesValue"]).decode() if name in values else default
    return without_infinities(json.loads(text))


def _class_values(by_class: _ByClass, classes: Sequence[str]) -> list[_Values]:
    num_classes = sum(sub_key.startswith("classId:") for sub_key in by_class)
    if num_classes != len(classes):
        raise ValueError(
            f"Expected as many class names as the evaluated model has classes, {num_classes}. "
            f"Received: classes={list(classes)}"
        )
    return [by_class[f"classId:{index}"] for index in range(num_classes)]


def _slice_scores(by_class: _ByClass, classes: Sequence[str]) -> SliceScores:
    """Returns one slice's numbers, from TFMA's `{sub key: {metric: value}}`; the sub key of no class is ""."""
    class_values = _class_values(by_class, classes)
    return SliceScores(
        n=int(by_class[""]["example_count"]["doubleValue"]),
        summary=Summary(**{name: _number(by_class[""][name]) for name in SUMMARY_METRICS}),
        per_class={name: _class_scores(values) for name, values in zip(classes, class_values, strict=True)},
    )


def _confusion(by_class: _ByClass, classes: Sequence[str]) -> Confusion:
    counts = [values["confusion"]["arrayValue"]["int64Values"] for values in _class_values(by_class, classes)]
    return Confusion(
        classes=tuple(classes),
        # Protobuf's JSON writes 64-bit ints as strings.
        counts=tuple(tuple(int(count) for count in row) for row in counts),
    )


def _class_scores(values: _Values) -> ClassScores:
    low, high = _number(values["recall_lower"]), _number(values["recall_upper"])
    return ClassScores(
        support=int(values["support"]["doubleValue"]),
        precision=_number(values["precision"]),
        recall=_number(values["recall"]),
        recall_interval=None if low is None or high is None else (low, high),
        f1=_number(values["f1"]),
        average_precision=_number(values["average_precision"]),
        roc_auc=_number(values["roc_auc"]),
    )


def _number(value: _Values) -> float | None:
    # Protobuf's JSON writes numbers that are not finite as strings, which float() reads.
    number = float(value["doubleValue"])
    return number if math.isfinite(number) else None


def _slice_name(key: tuple[tuple[str, Any], ...]) -> str:
    return ", ".join(f"{column}={value}" for column, value in key)


def _reasons(
    validation: tfma.proto.validation_result_pb2.ValidationResult, conditions: Sequence[GateCondition]
) -> list[str]:
    reasons = [condition.sentence for condition in conditions if not condition.passed]
    if not reasons and not validation.validation_ok:
        return [
            "The evaluation checked no condition: see that the split that was evaluated holds two classes."
        ]
    return reasons
