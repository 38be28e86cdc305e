"""Section on prediction sets: how often they hold the true class, for every class, and how large they are."""

from dataclasses import dataclass

from components.html_report.headline import rarest_first
from components.html_report.report_inputs import ReportInputs
from core.documents.decision import CoverageFigures
from core.documents.decision_scores import ClassCoverage, CoverageScores


@dataclass(frozen=True)
class CoverageRow:
    """A class: its threshold, the held-out records behind it, and what came of it on test.

    Attributes:
        name: The class.
        threshold: The class is in a set where its probability is at least this.
        held_out: Held-out records of the class.
        is_interpolated: Whether these are too few for a threshold of its own.
        falls_short: Whether the asked coverage lies above the interval of what was counted.
        scores: What was counted on test.
    """

    name: str
    threshold: float
    held_out: int
    is_interpolated: bool
    falls_short: bool
    scores: ClassCoverage


@dataclass(frozen=True)
class Coverage:
    """What the section shows.

    Attributes:
        figures: The thresholds.
        scores: What came of them on test.
        rows: Of each class, rarest first.
        interpolated: Names of the classes with too few held-out records.
        by_folds: Whether the thresholds are those of answers out of fold.
    """

    figures: CoverageFigures
    scores: CoverageScores
    rows: list[CoverageRow]
    interpolated: list[str]
    by_folds: bool


def coverage(inputs: ReportInputs) -> Coverage | None:
    """Returns the sets' coverage; None where none are asked for."""
    figures, scores = inputs.metrics.decision.coverage, inputs.metrics.coverage
    if figures is None or scores is None:
        return None
    rows = [_row(name, figures, scores.per_class[name]) for name in rarest_first(inputs.metrics)]
    names = [row.name for row in rows if row.is_interpolated]
    return Coverage(figures, scores, rows, names, bool(inputs.training.folds))


def _row(name: str, figures: CoverageFigures, scores: ClassCoverage) -> CoverageRow:
    high = scores.covered.high
    return CoverageRow(
        name=name,
        threshold=figures.thresholds[name],
        held_out=figures.records[name],
        is_interpolated=figures.own_weight[name] < 1,
        falls_short=high is not None and high < figures.coverage,
        scores=scores,
    )
