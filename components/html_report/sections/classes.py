"""Section on the classes: the scores of each, of all together, and of parts of the data."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.html_report.headline import lowest_recall, rarest_first
from components.html_report.report_inputs import ReportInputs
from core.documents.metrics import Metrics
from core.documents.scores import ClassScores, SliceScores, Summary

# Name and plain meaning of each overall score.
SCORES = {
    "macro_f1": ("Macro-F1", "The mean of the classes’ F1. Every class counts the same, however rare."),
    "balanced_accuracy": ("Balanced accuracy", "The mean of the classes’ recalls."),
    "worst_recall": ("Worst recall", "The recall of the class that is found least often."),
    "g_mean": ("G-mean", "The geometric mean of the recalls: 0 as soon as one class is never found."),
    "mcc": ("Matthews correlation", "1 is perfect, 0 is no better than chance, −1 is always wrong."),
    "macro_average_precision": (
        "Macro average precision",
        "How well the records of a class rank above all others, as a mean over the classes.",
    ),
    "macro_roc_auc": (
        "Macro ROC-AUC",
        "The chance that a record of a class scores higher than one of another class; 0.5 is guessing.",
    ),
    "accuracy": ("Accuracy", "The share of all records put in the right class. The large classes decide it."),
    "brier": ("Brier score", "The squared error of the probabilities. Lower is better; 0 is perfect."),
    "ece": (
        "Calibration error",
        "How far the stated probabilities lie from how often they come true. Lower is better.",
    ),
}


@dataclass(frozen=True)
class RecallBar:
    """A recall and its interval, in per cent of the scale: where the interval begins, its width, and the recall."""

    start: float
    width: float
    at: float


@dataclass(frozen=True)
class ClassRow:
    """A class: its scores, whether its recall stands out as the lowest, and the bar of its recall, if any."""

    name: str
    scores: ClassScores
    is_worst: bool
    bar: RecallBar | None


@dataclass(frozen=True)
class ScoreRow:
    """A score of all classes together, with its plain meaning."""

    name: str
    value: float | None
    meaning: str


@dataclass(frozen=True)
class ClassScoresView:
    """What the section shows: a row for each class, rarest first, one for each score, and the parts of the data."""

    rows: list[ClassRow]
    scores: list[ScoreRow]
    slices: Mapping[str, SliceScores]


def class_scores(inputs: ReportInputs) -> ClassScoresView:
    """Returns the scores of each class, of all together, and of parts of the data."""
    metrics = inputs.metrics
    return ClassScoresView(class_rows(metrics), score_rows(metrics.summary), metrics.slices)


def class_rows(metrics: Metrics) -> list[ClassRow]:
    """Returns a row for each class, rarest first."""
    names, worst = rarest_first(metrics), lowest_recall(metrics)
    return [
        ClassRow(
            name,
            metrics.per_class[name],
            # Where all are equal no class stands out, and a mark on each says nothing.
            is_worst=name in worst and len(worst) < len(names),
            bar=_recall_bar(metrics.per_class[name]),
        )
        for name in names
    ]


def score_rows(summary: Summary) -> list[ScoreRow]:
    """Returns a row for each score that was measured, those that need no explanation last."""
    measured = summary.measured()
    known = [ScoreRow(SCORES[key][0], measured[key], SCORES[key][1]) for key in SCORES if key in measured]
    return known + [ScoreRow(key, value, "") for key, value in measured.items() if key not in SCORES]


def _recall_bar(scores: ClassScores) -> RecallBar | None:
    low, high = scores.recall_interval or (None, None)
    if scores.recall is None or low is None or high is None:
        return None
    return RecallBar(round(100 * low, 2), round(100 * (high - low), 2), round(100 * scores.recall, 2))
