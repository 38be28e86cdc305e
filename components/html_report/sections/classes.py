"""Section on the classes: the scores of each, of all together, and of parts of the data."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.evaluation.summary_metrics import REPORTED_METRICS
from components.html_report.headline import lowest_recall, rarest_first
from components.html_report.report_inputs import ReportInputs
from core.documents.metrics import Metrics
from core.documents.scores import ClassScores, SliceScores, Summary


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
    known = [
        ScoreRow(metric.title, measured[name], metric.meaning)
        for name, metric in REPORTED_METRICS.items()
        if name in measured
    ]
    return known + [
        ScoreRow(name, value, "") for name, value in measured.items() if name not in REPORTED_METRICS
    ]


def _recall_bar(scores: ClassScores) -> RecallBar | None:
    low, high = scores.recall_interval or (None, None)
    if scores.recall is None or low is None or high is None:
        return None
    return RecallBar(round(100 * low, 2), round(100 * (high - low), 2), round(100 * scores.recall, 2))
