"""Summarises the records' times: how they were read, where the splits begin, and how the classes move."""

from collections.abc import Sequence

import numpy as np

from components.stratified_example_gen.arrivals import records_per_day
from components.stratified_example_gen.label_trend import label_trends
from components.stratified_example_gen.plan import Plan
from components.stratified_example_gen.plan_reasons import CONTINUES, IN_GAP, REPEATED_LATER
from components.stratified_example_gen.settings import SPLITS
from components.stratified_example_gen.table import TimeColumn
from core.documents.time_summary import ClassTrend, TimePeriod, TimeSpan, TimeSplit, TimeSummary
from core.splitting import DROPPED
from core.times.duration import written_duration
from core.times.written import written_time

NUM_PERIODS = 12


def time_summary(
    column: TimeColumn, classes: Sequence[str], labels: np.ndarray, times: np.ndarray, plan: Plan
) -> TimeSummary:
    """Counts the records over time.

    Args:
        column: Where the times are from.
        classes: Names of the classes.
        labels: int `(records,)`, index into `classes`, of all records that can be used.
        times: int64 `(records,)`, microseconds since 1970.
        plan: Where the records go.
    """
    trends = label_trends(times, labels, len(classes))
    return TimeSummary(
        column=column.column,
        rule=column.rule.words,
        first=written_time(int(times.min())),
        last=written_time(int(times.max())),
        records_per_day=records_per_day(times, plan.borders, column.rule.is_of_days),
        splits={
            split: _span(times[plan.splits == place])
            for place, split in enumerate(SPLITS)
            if (plan.splits == place).any()
        },
        split=None if plan.borders is None else _split(plan),
        periods=_periods(classes, labels, times, plan),
        trends={
            name: ClassTrend(early=float(early), late=float(late), p_value=float(p_value))
            for name, early, late, p_value in zip(
                classes, trends.early, trends.late, trends.p_values, strict=True
            )
        },
    )


def time_notes(summary: TimeSummary) -> list[str]:
    """Says by which rule the times were read, and what a split by them leaves out, in sentences."""
    said = [
        f"Column {summary.column!r} read as times: {summary.rule}; from {summary.first} to {summary.last}."
    ]
    if summary.split is None:
        return said
    by = summary.split
    ends = ", ".join(f"{name} to {span.last}" for name, span in summary.splits.items())
    said.append(f"Split by time: eval from {by.eval_from}, test from {by.test_from}, gap {by.gap} ({ends}).")
    if by.in_gap:
        said.append(f"{by.in_gap:,} {_records(by.in_gap)} in the gap, and in no split.")
    if by.continuing:
        said.append(
            f"{by.continuing:,} {_records(by.continuing)} left out, as {'its' if by.continuing == 1 else 'their'} group goes "
            "on in a later split: a group goes by its last record. Where a model may know a group when it meets it again, do "
            "without data.group."
        )
    if by.repeated_later:
        said.append(
            f"{by.repeated_later:,} {_records(by.repeated_later)} left out, as an equal one stands in a later split."
        )
    return said


def _records(count: int) -> str:
    return "record is" if count == 1 else "records are"


def _span(times: np.ndarray) -> TimeSpan:
    return TimeSpan(
        first=written_time(int(times.min())), last=written_time(int(times.max())), records=len(times)
    )


def _split(plan: Plan) -> TimeSplit:
    assert plan.borders is not None
    counts = np.bincount(plan.why_left_out, minlength=REPEATED_LATER + 1)
    return TimeSplit(
        eval_from=written_time(plan.borders.eval_from),
        test_from=written_time(plan.borders.test_from),
        gap=written_duration(plan.borders.gap),
        in_gap=int(counts[IN_GAP]),
        continuing=int(counts[CONTINUES]),
        repeated_later=int(counts[REPEATED_LATER]),
    )


def _periods(
    classes: Sequence[str], labels: np.ndarray, times: np.ndarray, plan: Plan
) -> tuple[TimePeriod, ...]:
    """Returns periods of equal length from the first time to the last, with what they hold."""
    first, last = int(times.min()), int(times.max())
    length = max(1, -(-(last - first + 1) // NUM_PERIODS))
    places = (times - first) // length
    periods = []
    for number in range(int(places.max()) + 1):
        inside = places == number
        counts = np.bincount(labels[inside], minlength=len(classes))
        splits = np.bincount(plan.splits[inside], minlength=DROPPED + 1)
        periods.append(
            TimePeriod(
                begin=written_time(first + number * length),
                classes={name: int(count) for name, count in zip(classes, counts, strict=True) if count},
                splits={name: int(splits[place]) for place, name in enumerate(SPLITS) if splits[place]},
            )
        )
    return tuple(periods)
