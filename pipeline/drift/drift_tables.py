"""Prints a drift report: tables and a verdict on the terminal."""

import json
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from components.drift_watch.drift_report import Column, DriftReport
from core.printable import printable

_ROWS_SHOWN = 20


def print_drift(report: DriftReport, console: Console) -> None:
    """Prints columns, classes, the verdict with its reasons, and the prior to set."""
    console.print(
        f"{report.num_records:,} records against version {report.version}"
        + (f"; {len(report.unreadable):,} cannot be read." if report.unreadable else "."),
        markup=False,
        soft_wrap=True,
    )
    for sentence in report.files_left_out[:_ROWS_SHOWN]:
        console.print(f"Left out: {printable(sentence)}", markup=False, soft_wrap=True)
    if len(report.files_left_out) > _ROWS_SHOWN:
        console.print(
            f"Left out: {len(report.files_left_out) - _ROWS_SHOWN:,} more", markup=False, soft_wrap=True
        )
    if report.columns:
        console.print(_column_table(report))
    for sentence in report.mostly_unknown:
        console.print(sentence, markup=False, soft_wrap=True)
    console.print(_class_table(report))
    confidence = report.confidence
    console.print(
        f"Mean score {confidence.new:.3f}; on test {confidence.test:.3f} (difference's 95 % interval "
        f"{confidence.low:+.3f} to {confidence.high:+.3f}).",
        markup=False,
        soft_wrap=True,
    )
    for work in report.work:
        console.print(
            f"{work.what}: {work.new:.2%} of the records; on test {work.test:.2%} (difference's 95 % interval "
            f"{work.low:+.2%} to {work.high:+.2%}).",
            markup=False,
            soft_wrap=True,
        )
    console.print(f"Verdict: {report.verdict}", markup=False, soft_wrap=True)
    for reason in report.reasons():
        console.print(f"  {reason}", markup=False, soft_wrap=True)
    if report.moved.any():
        shares = ", ".join(
            f"{json.dumps(name, ensure_ascii=False)}: {share:g}"
            for name, share in report.prior_to_set.items()
        )
        console.print(
            f"If the classes keep their new shares, set decision.prior to {{{shares}}} and run the experiment "
            "again: the trained network comes from cache.",
            markup=False,
            soft_wrap=True,
        )


def _column_table(report: DriftReport) -> Table:
    """Shows the columns nearest to their limits, or beyond."""

    def nearness(column: Column) -> float:
        rise = max(_rise(column.missing), _rise(column.unknown)) / report.limits.max_distance
        return max((column.distance.distance or 0.0) / column.distance.limit, rise)

    shown = sorted(report.columns, key=nearness, reverse=True)[:_ROWS_SHOWN]
    left_out = len(report.columns) - len(shown)
    table = Table(
        title=Text("Columns, the most changed first"),
        title_justify="left",
        caption=Text(f"and {left_out} more, less changed") if left_out else None,
    )
    for heading in (
        "Column",
        "Measure",
        "Distance to train",
        "Limit",
        "Missing: test",
        "new",
        "Unknown: test",
        "new",
    ):
        table.add_column(heading, overflow="fold")
    for column in shown:
        distance = column.distance
        measured = (
            "-" if distance.distance is None else f"{distance.distance:.3f}{' *' if distance.drifted else ''}"
        )
        shares = ["-" if share is None else f"{share:.1%}" for share in (*column.missing, *column.unknown)]
        cells = (distance.name, distance.measure, measured, f"{distance.limit:.3g}", *shares)
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _rise(shares: tuple[float | None, float | None]) -> float:
    return (shares[1] or 0.0) - (shares[0] or 0.0)


def _class_table(report: DriftReport) -> Table:
    estimates = {"EM": report.em, "Black box": report.black_box, "Labels": report.labelled}
    shown = {name: one for name, one in estimates.items() if one is not None}
    table = Table(title=Text("Shares of the classes, with 95 % intervals; * moved"), title_justify="left")
    for heading in ("Class", "Assumed", *shown, *(("Recall", "on test") if report.recalls else ())):
        table.add_column(heading, overflow="fold")
    for index, name in enumerate(report.classes):
        cells = [name + (" *" if report.moved[index] else ""), f"{report.assumed[index]:.2%}"]
        for one in shown.values():
            cells.append(f"{one.shares[index]:.2%} ({one.low[index]:.2%} to {one.high[index]:.2%})")
        if report.recalls:
            recall = report.recalls[index]
            cells += [_recall(recall.new, recall.new_interval), _recall(recall.test, recall.test_interval)]
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _recall(value: float | None, interval: Any) -> str:
    return "-" if value is None else f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"
