"""Exact classification metrics of each slice, as one TFMA metric.

TFMA names a custom metric in its configuration and imports it on the worker:
`MetricConfig(class_name="TailMetrics", module="components.evaluation.tail_metrics")`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import apache_beam as beam
import numpy as np
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.proto import config_pb2

from components.evaluation.classification_metrics import ClassificationMetrics, classification_metrics

_FIRST_CAPACITY = 16


class TailMetrics(tfma.metrics.Metric):
    """Computes `classification_metrics` of every slice, exactly, from all of the slice's predictions.

    Each number of `summary` is a metric of its name. Each number of a class is a metric of its name with
    `SubKey(class_id=index)`, the interval as `recall_lower` and `recall_upper`, the class's row of the
    confusion counts as the int64 array `confusion`. Every slice gets every metric; what is undefined in it,
    which is much in the slice of a single class, is NaN. The number of classes is the width of the
    probabilities, so class names need not be known when a pipeline is compiled.

    Labels are indices of shape `(batch,)` or `(batch, 1)`, probabilities `(batch, k)`. Example weights are
    ignored, which TFMA writes as a metric that is neither weighted nor unweighted.

    A slice's accumulator holds 4 (k + 2) bytes an example.

    Args:
        name: Name of the metric; the metrics it writes have names of their own.
        decision_key: Output of the model with the index of the class decided for, shape `(batch,)` or
            `(batch, 1)`. Empty where the most probable class is the decision.
    """

    def __init__(self, name: str = "tail_metrics", decision_key: str = "") -> None:
        super().__init__(_tail_metrics, name=name, decision_key=decision_key)


def _tail_metrics(
    name: str = "tail_metrics",
    decision_key: str = "",
    eval_config: config_pb2.EvalConfig | None = None,
    model_names: list[str] | None = None,
) -> list[tfma.metrics.MetricComputation]:
    """Returns one computation per model; TFMA passes the arguments by name."""
    # TFMA takes computations with equal keys and equal combiner class for one: the key sets the models apart.
    return [
        tfma.metrics.MetricComputation(
            keys=[tfma.metrics.MetricKey(name=name, model_name=model_name)],
            preprocessors=None,
            combiner=_TailMetricsCombiner(model_name, decision_key, eval_config),
        )
        for model_name in model_names or [""]
    ]


class _Rows:
    """A growing block of examples: label, decision, float32 probabilities."""

    def __init__(self, block: np.ndarray | None = None) -> None:
        self._block = block
        self._size = 0 if block is None else len(block)

    def __reduce__(self) -> tuple[type, tuple[np.ndarray | None]]:
        # Travels between workers without its spare capacity.
        return _Rows, (None if self.filled is None else self.filled.copy(),)

    @property
    def filled(self) -> np.ndarray | None:
        """The examples so far, a structured array of shape `(n,)`; None before the first."""
        return None if self._block is None else self._block[: self._size]

    def append(self, label: int, decision: int, probabilities: np.ndarray) -> None:
        if self._block is None:
            fields = [("label", "<i4"), ("decision", "<i4"), ("probabilities", "<f4", probabilities.shape)]
            self._block = np.empty(_FIRST_CAPACITY, fields)
        elif self._size == len(self._block):
            self._block = np.concatenate([self._block, np.empty_like(self._block)])
        self._block[self._size] = (label, decision, probabilities)
        self._size += 1


class _TailMetricsCombiner(beam.CombineFn):
    """Gathers a slice's labels, decisions and probabilities, and computes its metrics at the end."""

    def __init__(self, model_name: str, decision_key: str, eval_config: config_pb2.EvalConfig | None) -> None:
        self._model_name = model_name
        self._decision_key = decision_key
        self._eval_config = eval_config

    def create_accumulator(self) -> _Rows:
        return _Rows()

    def add_input(self, accumulator: _Rows, element: tfma.metrics.StandardMetricInputs) -> _Rows:
        for label, probabilities, _ in tfma.metrics.to_label_prediction_example_weight(
            element, eval_config=self._eval_config, model_name=self._model_name, flatten=False
        ):
            decision = self._decision(element) if self._decision_key else int(probabilities.argmax())
            accumulator.append(label.item(), decision, probabilities)
        return accumulator

    def merge_accumulators(self, accumulators: Iterable[_Rows]) -> _Rows:
        blocks = [rows for rows in (accumulator.filled for accumulator in accumulators) if rows is not None]
        return _Rows(np.concatenate(blocks) if blocks else None)

    def extract_output(self, accumulator: _Rows) -> dict[tfma.metrics.MetricKey, Any]:
        if accumulator.filled is None:
            return {}
        rows = in_order(accumulator.filled)
        indices = [str(index) for index in range(rows["probabilities"].shape[1])]
        result = classification_metrics(rows["label"], rows["probabilities"], indices, rows["decision"])
        return {
            tfma.metrics.MetricKey(
                name=name,
                model_name=self._model_name,
                sub_key=None if class_id is None else tfma.metrics.SubKey(class_id=class_id),
                # Where thresholds are given by a metric's name, as for several metrics of one computation they
                # must be, TFMA looks for metrics that are neither weighted nor unweighted.
                example_weighted=None,
            ): _nan_for_none(value)
            for name, class_id, value in _named_values(result)
        }

    def _decision(self, element: tfma.metrics.StandardMetricInputs) -> int:
        outputs = element.prediction[self._model_name] if self._model_name else element.prediction
        if not isinstance(outputs, Mapping) or self._decision_key not in outputs:
            received = sorted(outputs) if isinstance(outputs, Mapping) else "a single unnamed output"
            raise ValueError(
                f"Expected an output of the model named decision_key={self._decision_key!r}. Received: {received}"
            )
        return int(np.asarray(outputs[self._decision_key]).item())


def in_order(rows: np.ndarray) -> np.ndarray:
    """Sorts a structured array by its bytes: workers hand records over in any order, and sums of floats tell."""
    contiguous = np.ascontiguousarray(rows)
    return contiguous[np.argsort(contiguous.view(f"S{rows.itemsize}"), kind="stable")]


def _named_values(result: ClassificationMetrics) -> Iterator[tuple[str, int | None, Any]]:
    """Yields name, class index (None for the summary) and value of every number of a result."""
    for name, value in result.summary.items():
        yield name, None, value
    rows = zip(result.per_class.values(), result.confusion.counts, strict=True)
    for index, (metrics, counts) in enumerate(rows):
        numbers = dict(metrics.as_dict())
        lower, upper = numbers.pop("recall_interval") or (None, None)
        for name, value in {**numbers, "recall_lower": lower, "recall_upper": upper}.items():
            yield name, index, value
        yield "confusion", index, np.asarray(counts, np.int64)


def _nan_for_none(value: Any) -> Any:
    return float("nan") if value is None else value
