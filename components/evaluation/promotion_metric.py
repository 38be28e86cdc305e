"""Promotion gate as a TFMA metric over the test records, as the model and the last blessed one answered them."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import apache_beam as beam
import numpy as np
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.proto import config_pb2

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.classification_metrics import classification_metrics
from components.evaluation.promotion_gate import Limits, promotion_conditions

FAILED_CONDITIONS, CONDITIONS = "failed_conditions", "conditions"
UNCALIBRATED, TEST_RECORDS = "uncalibrated", "test_records"
# More are not needed for a chart, and would make the evaluation's result heavy.
_MOST_RECORDS = 100_000


class Promotion(tfma.metrics.Metric):
    """Judges the model beside the baseline on the same records; see `promotion_conditions`.

    It writes four metrics: `failed_conditions`, their number, which is what the threshold stands on;
    `conditions`, all of them as one JSON text; `uncalibrated`, the `classification_metrics` of the raw
    probabilities and their argmax, as JSON; and `test_records`, the records and their answers as
    `AnsweredRecords` packs them, of more than 100,000 those whose keys' digests are the smallest. A slice with
    one class only has nothing to judge: it gets the first alone, as NaN, which no model passes by.

    The model's output holds `probabilities`, `raw_probabilities`, `decision_index` and `classes`, and `abstain` where it
    leaves records to a person, `unlikeness` and `unknown` where it calls records unknown; the order of the baseline's
    classes may differ.

    Args:
        name: Name of the computation.
        key_feature: Raw feature of the record's key.
        min_recall_lower_bound: See Limits.
        max_drop: See Limits.
        drop_confidence: See Limits.
        amount_columns: Raw features that the costs of a record are made of, kept in `test_records`.
    """

    def __init__(
        self,
        name: str = "promotion",
        key_feature: str = "",
        min_recall_lower_bound: float = 0.0,
        max_drop: float = 0.0,
        drop_confidence: float = 0.0,
        amount_columns: Sequence[str] = (),
    ) -> None:
        super().__init__(
            _promotion,
            name=name,
            key_feature=key_feature,
            min_recall_lower_bound=min_recall_lower_bound,
            max_drop=max_drop,
            drop_confidence=drop_confidence,
            amount_columns=list(amount_columns),
        )


def _promotion(
    name: str,
    key_feature: str,
    min_recall_lower_bound: float,
    max_drop: float,
    drop_confidence: float,
    amount_columns: Sequence[str] = (),
    eval_config: config_pb2.EvalConfig | None = None,
    model_names: list[str] | None = None,
) -> list[tfma.metrics.MetricComputation]:
    names = model_names or [""]
    # Without a baseline TFMA leaves the one model unnamed.
    candidate = tfma.CANDIDATE_KEY if tfma.CANDIDATE_KEY in names else names[0]
    baseline = tfma.BASELINE_KEY if tfma.BASELINE_KEY in names else None
    return [
        tfma.metrics.MetricComputation(
            keys=[tfma.metrics.MetricKey(name=name, model_name=candidate)],
            preprocessors=[tfma.metrics.FeaturePreprocessor(feature_keys=[key_feature, *amount_columns])],
            combiner=_PromotionCombiner(
                candidate,
                baseline,
                key_feature,
                Limits(min_recall_lower_bound, max_drop, drop_confidence),
                amount_columns,
                eval_config,
            ),
        )
    ]


class _PromotionCombiner(beam.CombineFn):
    """Gathers what the models say of each record, and judges at the end."""

    def __init__(
        self,
        candidate: str,
        baseline: str | None,
        key_feature: str,
        limits: Limits,
        amount_columns: Sequence[str],
        eval_config: config_pb2.EvalConfig | None,
    ) -> None:
        self._candidate = candidate
        self._baseline = baseline
        self._key_feature = key_feature
        self._limits = limits
        self._amount_columns = amount_columns
        self._eval_config = eval_config

    def create_accumulator(self) -> list[tuple]:
        return []

    def add_input(self, accumulator: list[tuple], element: tfma.metrics.StandardMetricInputs) -> list[tuple]:
        answers = element.prediction[self._candidate] if self._candidate else element.prediction
        classes = _classes(answers)
        [(label, *_)] = tfma.metrics.to_label_prediction_example_weight(
            element, eval_config=self._eval_config, model_name=self._candidate, flatten=False
        )
        row = [
            classes,
            _first(element.features[self._key_feature]),
            int(label.item()),
            int(np.asarray(answers["decision_index"]).item()),
            np.asarray(answers["probabilities"], np.float32).reshape(-1),
            np.asarray(answers["raw_probabilities"], np.float32).reshape(-1),
            _said(answers, "abstain"),
            _said(answers, "unlikeness"),
            _said(answers, "unknown"),
            _amounts(element.features, self._amount_columns),
        ]
        if self._baseline is not None:
            row += _in_order(element.prediction[self._baseline], classes)
        accumulator.append(tuple(row))
        return accumulator

    def merge_accumulators(self, accumulators: Iterable[list[tuple]]) -> list[tuple]:
        return [row for accumulator in accumulators for row in accumulator]

    def extract_output(self, accumulator: list[tuple]) -> dict[tfma.metrics.MetricKey, Any]:
        if len({row[2] for row in accumulator}) < 2:
            # TFMA wants what a threshold stands on in every slice.
            return {self._key(FAILED_CONDITIONS): float("nan")}
        records = _answered_records(accumulator)
        values = {**self._judged(records), TEST_RECORDS: _thinned(records).to_bytes()}
        return {self._key(name): value for name, value in values.items()}

    def _judged(self, records: AnsweredRecords) -> dict[str, Any]:
        conditions = promotion_conditions(
            records.classes, records.labels, records.candidate, records.baseline, self._limits
        )
        uncalibrated = classification_metrics(records.labels, records.raw_probabilities, records.classes)
        return {
            FAILED_CONDITIONS: float(sum(not condition.passed for condition in conditions)),
            CONDITIONS: json.dumps([condition.as_dict() for condition in conditions]),
            UNCALIBRATED: json.dumps(uncalibrated.as_dict()),
        }

    def _key(self, name: str) -> tfma.metrics.MetricKey:
        # As in TailMetrics: a threshold by name finds metrics that are neither weighted nor unweighted.
        return tfma.metrics.MetricKey(name=name, model_name=self._candidate, example_weighted=None)


def _answered_records(rows: Iterable[tuple]) -> AnsweredRecords:
    # Workers hand the records over in any order, and keys may be alike.
    classes, keys, labels, decisions, probabilities, raw, *said = zip(
        *sorted(rows, key=_sort_key), strict=True
    )
    abstained, unlikeness, unknown, amounts, *baseline = said
    records = AnsweredRecords(
        classes[0],
        np.array(keys, dtype=object),
        *map(np.array, (labels, decisions, probabilities, raw, *baseline)),
    )
    return replace(
        records,
        abstained=_column(abstained),
        unlikeness=_column(unlikeness),
        unknown=_column(unknown),
        amounts=_column(amounts),
    )


def _column(values: tuple) -> np.ndarray | None:
    """Returns what a model says of each record, `(n,)`, or its amounts, `(n, columns)`; None where there is no such."""
    return None if values[0] is None else np.array(values)


def _sort_key(row: tuple) -> tuple:
    # A model abstains or does not, and so on: of its rows none has None there and another a value.
    return tuple(
        value.tobytes() if isinstance(value, np.ndarray) else value for value in row[1:] if value is not None
    )


def _classes(answers: Any) -> tuple[str, ...]:
    return tuple(name.decode() for name in np.asarray(answers["classes"]).reshape(-1).tolist())


def _said(answers: Any, output: str) -> Any:
    """Returns what a model says of a record in an output of one value, a NumPy scalar; None where it has no such output."""
    return np.asarray(answers[output]).reshape(())[()] if output in answers else None


def _amounts(features: Any, columns: Sequence[str]) -> np.ndarray | None:
    """Returns the first value of each column, float64 `(columns,)`; None where there is no column."""
    if not columns:
        return None
    return np.array([np.asarray(features[name], np.float64).reshape(-1)[0] for name in columns])


def _first(values: Any) -> str:
    flat = np.asarray(values).reshape(-1)
    return flat[0].decode() if len(flat) else ""


def _in_order(answers: Any, classes: tuple[str, ...]) -> list[Any]:
    """Returns decision and probabilities in another order of classes; a class it does not know has 0."""
    place = {name: index for index, name in enumerate(_classes(answers))}
    own = np.asarray(answers["probabilities"], np.float32).reshape(-1)
    probabilities = np.array([own[place[name]] if name in place else 0 for name in classes], np.float32)
    decided = _classes(answers)[int(np.asarray(answers["decision_index"]).item())]
    is_known = decided in classes and not _said(answers, "abstain") and not _said(answers, "unknown")
    return [classes.index(decided) if is_known else -1, probabilities]


def _thinned(records: AnsweredRecords) -> AnsweredRecords:
    if len(records.keys) <= _MOST_RECORDS:
        return records
    digests = [hashlib.sha256(key.encode()).digest() for key in records.keys]
    kept = np.sort(np.array(sorted(range(len(digests)), key=digests.__getitem__)[:_MOST_RECORDS]))
    fields = {
        name: value[kept] if isinstance(value, np.ndarray) else value for name, value in vars(records).items()
    }
    return AnsweredRecords(**fields)
