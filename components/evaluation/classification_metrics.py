"""Exact classification metrics on arrays, written for classes of very different size.

A value that the data do not define is None, never NaN, so that the result is JSON as it stands. The rules, in
one place:

* recall, its interval: None for a class without examples;
* precision: None for a class that was never decided for;
* f1: None for a class that has no examples and was never decided for;
* average precision, ROC AUC: None unless the class has examples and so has the rest;
* MCC: None unless at least two classes have examples;
* a mean over classes leaves undefined values out, and is None when none is defined.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from components.evaluation.confusion import confusion_counts
from components.evaluation.labelled_predictions import LabelledPredictions
from components.evaluation.summary_metrics import SUMMARY_METRICS
from core.documents.scores import ClassScores, Confusion

# Wide enough for a softmax in half precision, narrow enough to notice logits.
_SUM_TOLERANCE = 0.01


@dataclass(frozen=True)
class ClassificationMetrics:
    """Metrics of a classifier on `n` examples.

    Attributes:
        n: Number of examples.
        summary: A number for each name in `SUMMARY_METRICS`.
        per_class: By class name.
        confusion: The counts that decisions are judged by.
    """

    n: int
    summary: dict[str, float | None]
    per_class: dict[str, ClassScores]
    confusion: Confusion

    def as_dict(self) -> dict[str, Any]:
        """Returns the metrics as metrics.json holds them."""
        return {
            "n": self.n,
            "summary": self.summary,
            "per_class": {name: scores.as_dict() for name, scores in self.per_class.items()},
            "confusion": self.confusion.as_dict(),
        }


def classification_metrics(
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    decisions: np.ndarray | None = None,
) -> ClassificationMetrics:
    """Computes the metrics of a classifier.

    Accuracy, precision, recall, F1, MCC and the confusion counts judge the decisions. Average precision,
    ROC AUC, Brier score and calibration error judge the probabilities, whatever was decided.

    Args:
        labels: Ints in [0, k), shape `(n,)`: the index of each example's class.
        probabilities: Floats in [0, 1], shape `(n, k)`; each row sums to 1.
        classes: The k class names, in index order.
        decisions: Ints in [0, k), shape `(n,)`: the class decided for. The default is the most probable
            class, the first of them on a tie.

    Returns:
        The metrics; what is undefined is None (see the module).

    Raises:
        ValueError: The arrays do not fit each other or the classes, are empty, or hold no probabilities.

    Example:
        >>> result = classification_metrics(
        ...     np.array([0, 0, 0, 1]), np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.3, 0.7]]), ["no", "yes"]
        ... )
        >>> result.per_class["yes"].precision, result.summary["accuracy"]
        (0.5, 0.75)
    """
    predictions = _checked(labels, probabilities, classes, decisions)
    counts = confusion_counts(predictions.labels, predictions.decisions, len(classes))
    return ClassificationMetrics(
        n=len(predictions.labels),
        summary={name: metric.compute(predictions) for name, metric in SUMMARY_METRICS.items()},
        per_class=dict(zip(classes, _class_metrics(predictions), strict=True)),
        confusion=Confusion(classes=tuple(classes), counts=tuple(map(tuple, counts.tolist()))),
    )


def _class_metrics(predictions: LabelledPredictions) -> list[ClassScores]:
    columns = {
        "support": predictions.margins.support.astype(int).tolist(),
        "precision": predictions.precisions,
        "recall": predictions.recalls,
        "recall_interval": predictions.recall_intervals,
        "f1": predictions.f1,
        "average_precision": predictions.average_precisions,
        "roc_auc": predictions.roc_aucs,
    }
    return [
        ClassScores(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)
    ]


def _checked(
    labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str], decisions: np.ndarray | None
) -> LabelledPredictions:
    """Returns labels, probabilities as float64, and decisions, all of them checked."""
    num_classes = len(classes)
    if len(set(classes)) != num_classes or num_classes < 2:
        raise ValueError(f"Expected at least two distinct class names. Received: classes={list(classes)}")
    probabilities = np.asarray(probabilities, np.float64)
    if probabilities.ndim != 2 or probabilities.shape[1] != num_classes or len(probabilities) == 0:
        raise ValueError(
            f"Expected probabilities of shape (n, {num_classes}), one column per class and n >= 1. "
            f"Received: shape {probabilities.shape}"
        )
    _check_probabilities(probabilities)
    labels = _checked_indices("labels", labels, probabilities.shape)
    if decisions is None:
        return LabelledPredictions(labels, probabilities, probabilities.argmax(axis=1))
    decisions = _checked_indices("decisions", decisions, probabilities.shape)
    return LabelledPredictions(labels, probabilities, decisions)


def _check_probabilities(probabilities: np.ndarray) -> None:
    sums = probabilities.sum(axis=1)
    in_range = (probabilities >= -_SUM_TOLERANCE).all(axis=1) & (np.abs(sums - 1) <= _SUM_TOLERANCE)
    if not in_range.all():
        row = int(np.argmin(in_range))
        raise ValueError(
            "Expected probabilities: finite, at least 0, each row summing to 1 (apply softmax to logits). "
            f"Received in row {row}: {probabilities[row].tolist()}, and {int((~in_range).sum())} such rows in all"
        )


def _checked_indices(name: str, indices: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    indices = np.asarray(indices)
    if indices.shape != shape[:1] or indices.dtype.kind not in "iu":
        raise ValueError(
            f"Expected {name} as ints of shape ({shape[0]},), one per row of probabilities. "
            f"Received: {indices.dtype} of shape {indices.shape}"
        )
    if indices.min() < 0 or indices.max() >= shape[1]:
        raise ValueError(
            f"Expected {name} in [0, {shape[1]}), the indices of the classes. "
            f"Received: values from {indices.min()} to {indices.max()}"
        )
    return indices.astype(np.int64)
