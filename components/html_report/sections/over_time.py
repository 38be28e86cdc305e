"""Section on time: how the classes' shares and the scores move, and whether test is later than what was learnt from."""

from dataclasses import dataclass

from components.html_report.charts.line_chart import LineChart
from components.html_report.charts.time_chart import share_chart
from components.html_report.headline import rarest_first
from components.html_report.report_inputs import ReportInputs
from core.documents.time_scores import TimeScores
from core.documents.time_summary import ClassTrend, TimeSummary

_MOVED_SHOWN = 10


@dataclass(frozen=True)
class OverTime:
    """What the section shows.

    Attributes:
        summary: The records over time.
        scores: Those of windows of test, or None.
        moved: The classes whose share moves beyond chance, the surest first.
        num_moved: Number of these.
        chart: Shares of the rarest classes over time, or None.
    """

    summary: TimeSummary
    scores: TimeScores | None
    moved: list[tuple[str, ClassTrend]]
    num_moved: int
    chart: LineChart | None


def over_time(inputs: ReportInputs) -> OverTime | None:
    """Returns what moves with the time; None where no column holds it."""
    summary = inputs.split_summary.time
    if summary is None:
        return None
    moved = summary.moved_classes()
    return OverTime(
        summary=summary,
        scores=inputs.metrics.over_time,
        moved=[(name, summary.trends[name]) for name in moved[:_MOVED_SHOWN]],
        num_moved=len(moved),
        chart=share_chart(summary, rarest_first(inputs.metrics)),
    )
