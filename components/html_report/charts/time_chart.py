"""Draws shares of classes over time, with the borders of the splits."""

import dataclasses
from collections.abc import Mapping, Sequence
from itertools import pairwise

from components.html_report.charts.line_chart import LEFT, RIGHT, LineChart, Tick, line_chart
from components.html_report.number_format import significant
from core.documents.time_summary import TimePeriod, TimeSummary
from core.times.moment import parse_moment

CLASSES_DRAWN = 3


def share_chart(summary: TimeSummary, classes: Sequence[str]) -> LineChart | None:
    """Draws the shares of the first few classes in each period.

    Args:
        summary: Counts of the periods.
        classes: Rarest first.

    Returns:
        The chart; None where there is a single period.
    """
    periods = summary.periods
    if len(periods) < 2:
        return None
    # The commonest class would leave the others at the bottom.
    drawn = classes[:-1][:CLASSES_DRAWN]
    series = {name: [_share(period, name) for period in periods] for name in drawn}
    chart = line_chart(
        "Share of the rarest classes over time",
        range(1, len(periods) + 1),
        series,
        best_epoch=0,
        stages=_borders(summary),
    )
    if chart is None:
        return None
    shown = sorted({0, (len(periods) - 1) // 2, len(periods) - 2})
    return dataclasses.replace(
        chart,
        x_label="time",
        x_ticks=[Tick(_place(number, len(periods)), _label(periods, number)) for number in shown],
        # Marks stand on the chart's own axis.
        stages=[Tick(_place(mark.position - 1, len(periods)), mark.text) for mark in _borders(summary)],
        description=_description(series, periods),
    )


def _share(period: TimePeriod, name: str) -> float | None:
    total = sum(period.classes.values())
    return period.classes.get(name, 0) / total if total else None


def _place(number: float, count: int) -> float:
    return round(LEFT + number / (count - 1) * (RIGHT - LEFT), 1)


def _label(periods: Sequence[TimePeriod], number: int) -> str:
    days = {period.begin[:10] for period in periods}
    begin = periods[number].begin
    return begin[:10] if len(days) > 1 else begin[11:16] or "00:00"


def _borders(summary: TimeSummary) -> list[Tick]:
    """Returns where eval and test begin, in periods from 1, whose values stand in their middles."""
    if summary.split is None:
        return []
    try:
        begins = [parse_moment(period.begin) for period in summary.periods]
        borders = {
            "eval": parse_moment(summary.split.eval_from),
            "test": parse_moment(summary.split.test_from),
        }
    except ValueError:  # Times beyond the calendar.
        return []
    length = min(after - before for before, after in pairwise(begins))
    return [Tick((border - begins[0]) / length + 0.5, name) for name, border in borders.items()]


def _description(series: Mapping[str, Sequence[float | None]], periods: Sequence[TimePeriod]) -> str:
    parts = [
        f"{name}: {significant(values[0])} from {periods[0].begin}, {significant(values[-1])} from {periods[-1].begin}."
        for name, values in series.items()
    ]
    return " ".join(["Line chart of the shares of the rarest classes over time.", *parts])
