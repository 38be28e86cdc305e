"""Summary metrics: the table of the figures that judge a classifier as a whole."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import matthews_corrcoef

from components.evaluation.calibration_figures import brier, expected_calibration_error
from components.evaluation.labelled_predictions import LabelledPredictions
from components.evaluation.means import geometric_mean, harmonic_mean, mean
from components.evaluation.objectives import balanced_accuracy, macro_f1

_Figure = Callable[[LabelledPredictions], float | None]


@dataclass(frozen=True)
class SummaryMetric:
    """A row of the table.

    Attributes:
        compute: Takes predictions to the figure, None where they do not define it.
        fast: The same with NumPy's mean over the classes, whose last digit may differ; None where `compute` has no
            such mean. Gate, comparison and search ask for it thousands of times.
        title: As the report calls it; empty where it has no words of its own for it.
        meaning: What the figure says, as the report has it.
        report_rank: Its place among those with a title, lowest first.
        higher_is_better: Its direction.
        compared: Whether `counterpoise compare` shows it.
        beside_contenders: Whether the report shows it of the contenders as well.
    """

    compute: _Figure
    fast: _Figure | None = None
    title: str = ""
    meaning: str = ""
    report_rank: int = 0
    higher_is_better: bool = True
    compared: bool = False
    beside_contenders: bool = False

    def resampled(self, predictions: LabelledPredictions) -> float:
        """Computes the figure the fast way, NaN where it is undefined."""
        value = (self.fast or self.compute)(predictions)
        return float("nan") if value is None else float(value)


def matthews_correlation(labels: np.ndarray, decisions: np.ndarray) -> float | None:
    """Returns the multi-class Matthews correlation R_K, in [-1, 1], of labels and decisions.

    One decision for every example gives 0, as chance does. None unless at least two classes have examples.

    Args:
        labels: Ints, shape `(n,)`.
        decisions: Ints, shape `(n,)`.

    Reference:
        Gorodkin (2004), Comparing two K-category assignments by a K-category correlation coefficient,
        https://doi.org/10.1016/j.compbiolchem.2004.09.006
    """
    return float(matthews_corrcoef(labels, decisions)) if len(np.unique(labels)) > 1 else None


def _defined(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _fast_mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _worst_recall_lower_bound(predictions: LabelledPredictions) -> float:
    # A class without examples shows nothing: all that is known of its recall is that it is at least 0.
    return min((interval or (0.0, 1.0))[0] for interval in predictions.recall_intervals)


# By their names in metrics.json, in its order.
SUMMARY_METRICS: dict[str, SummaryMetric] = {
    "accuracy": SummaryMetric(
        lambda predictions: float(np.mean(predictions.labels == predictions.decisions)),
        title="Accuracy",
        meaning="The share of all records put in the right class. The large classes decide it.",
        report_rank=8,
        compared=True,
    ),
    "balanced_accuracy": SummaryMetric(
        lambda predictions: mean(_defined(predictions.recalls)),
        fast=lambda predictions: float(balanced_accuracy(predictions.margins)),
        title="Balanced accuracy",
        meaning="The mean of the classes’ recalls.",
        report_rank=2,
        compared=True,
        beside_contenders=True,
    ),
    "macro_f1": SummaryMetric(
        lambda predictions: mean(_defined(predictions.f1)),
        fast=lambda predictions: float(macro_f1(predictions.margins)),
        title="Macro-F1",
        meaning="The mean of the classes’ F1. Every class counts the same, however rare.",
        report_rank=1,
        compared=True,
        beside_contenders=True,
    ),
    "mcc": SummaryMetric(
        lambda predictions: matthews_correlation(predictions.labels, predictions.decisions),
        title="Matthews correlation",
        meaning="1 is perfect, 0 is no better than chance, −1 is always wrong.",
        report_rank=5,
    ),
    "g_mean": SummaryMetric(
        lambda predictions: geometric_mean(_defined(predictions.recalls)),
        title="G-mean",
        meaning="The geometric mean of the recalls: 0 as soon as one class is never found.",
        report_rank=4,
    ),
    "harmonic_mean_recall": SummaryMetric(lambda predictions: harmonic_mean(_defined(predictions.recalls))),
    "worst_recall": SummaryMetric(
        lambda predictions: min(_defined(predictions.recalls)),
        title="Worst recall",
        meaning="The recall of the class that is found least often.",
        report_rank=3,
        compared=True,
        beside_contenders=True,
    ),
    "worst_recall_lower_bound": SummaryMetric(_worst_recall_lower_bound),
    "macro_average_precision": SummaryMetric(
        lambda predictions: mean(_defined(predictions.average_precisions)),
        fast=lambda predictions: _fast_mean(_defined(predictions.average_precisions)),
        title="Macro average precision",
        meaning="How well the records of a class rank above all others, as a mean over the classes.",
        report_rank=6,
        compared=True,
        beside_contenders=True,
    ),
    "macro_roc_auc": SummaryMetric(
        lambda predictions: mean(_defined(predictions.roc_aucs)),
        title="Macro ROC-AUC",
        meaning="The chance that a record of a class scores higher than one of another class; 0.5 is guessing.",
        report_rank=7,
    ),
    "brier": SummaryMetric(
        lambda predictions: brier(predictions.labels, predictions.probabilities),
        title="Brier score",
        meaning="The squared error of the probabilities. Lower is better; 0 is perfect.",
        report_rank=9,
        higher_is_better=False,
        compared=True,
    ),
    "ece": SummaryMetric(
        lambda predictions: expected_calibration_error(predictions.labels, predictions.probabilities),
        title="Calibration error",
        meaning="How far the stated probabilities lie from how often they come true. Lower is better.",
        report_rank=10,
        higher_is_better=False,
        compared=True,
        beside_contenders=True,
    ),
}
# Those with a title, in the report's order.
REPORTED_METRICS: dict[str, SummaryMetric] = dict(
    sorted(
        ((name, metric) for name, metric in SUMMARY_METRICS.items() if metric.title),
        key=lambda row: row[1].report_rank,
    )
)
