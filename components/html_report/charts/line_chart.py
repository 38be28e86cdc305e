"""Geometry of a line chart; the template draws it, in colours that follow the reader's light or dark mode."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.html_report.number_format import is_number, significant

# In units of the SVG's viewBox, which is about as wide as a phone: text is then readable on one.
WIDTH, HEIGHT = 360, 210
LEFT, RIGHT, TOP, BOTTOM = 40, 350, 22, 180


@dataclass(frozen=True)
class Tick:
    """A position along an axis, and what is written there."""

    position: float
    text: str


@dataclass(frozen=True)
class Line:
    """A named series as runs of `x,y` points; a missing value ends a run."""

    name: str
    runs: list[list[tuple[float, float]]]


@dataclass(frozen=True)
class LineChart:
    """A line chart in viewBox units.

    Attributes:
        title: What is drawn.
        description: The chart in words, for those who do not see it.
        lines: The series, train before eval.
        x_ticks: Epochs.
        y_ticks: Values.
        best_x: Where the best epoch stands, or None.
        best_epoch: Its number.
        stages: Where a stage of the training begins, and its name.
        x_label: What runs along the horizontal axis.
    """

    title: str
    description: str
    lines: list[Line]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    best_x: float | None
    best_epoch: int
    stages: list[Tick]
    x_label: str = "epoch"


def ticks(low: float, high: float, at_most: int = 5) -> list[float]:
    """Places round numbers (1, 2 or 5 times a power of ten) from at or below `low` to at or above `high`.

    `ticks(0, 1.9)` is 0, 0.5, 1, 1.5, 2.
    """
    span = high - low or abs(high) or 1.0
    rough = span / (at_most - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    # The tolerance keeps 0.25 / 4 from being rounded up past a step it equals but for its last bit.
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 12) for index in range(first, max(last, first + 1) + 1)]


def line_chart(
    title: str,
    epochs: Sequence[int],
    series: Mapping[str, Sequence[float | None]],
    best_epoch: int,
    floor: float = 0.0,
    ceiling: float | None = None,
    stages: Sequence[Tick] = (),
) -> LineChart | None:
    """Lays out series over epochs.

    Args:
        title: What the values are.
        epochs: Epoch of each value, increasing.
        series: Values of each named line, as many as there are epochs; None or NaN leaves a gap.
        best_epoch: The epoch to mark; not marked where it is not among `epochs`.
        floor: The vertical axis reaches down to it at least.
        ceiling: The vertical axis reaches up to it at least.
        stages: The epoch that each stage of the training begins with, and its name.

    Returns:
        The chart, or None where there is no value to draw.
    """
    values = [value for line in series.values() for value in line if value is not None and is_number(value)]
    if not values:
        return None
    levels = ticks(min(floor, *values), max(values) if ceiling is None else max(ceiling, *values))
    first, last = epochs[0], epochs[-1]

    def x(epoch: float) -> float:
        along = (epoch - first) / (last - first) if last > first else 0.5
        return round(LEFT + along * (RIGHT - LEFT), 1)

    def y(value: float) -> float:
        return round(BOTTOM - (value - levels[0]) / (levels[-1] - levels[0]) * (BOTTOM - TOP), 1)

    lines = []
    for name, line_values in series.items():
        runs: list[list[tuple[float, float]]] = [[]]
        for epoch, value in zip(epochs, line_values, strict=True):
            if value is None or not is_number(value):
                runs.append([])
            else:
                runs[-1].append((x(epoch), y(value)))
        lines.append(Line(name, [run for run in runs if run]))

    marks = [mark for mark in ticks(first, last, 7) if mark == int(mark) and first <= mark <= last]
    return LineChart(
        title=title,
        description=_describe(title, epochs, series, best_epoch),
        lines=[line for line in lines if line.runs],
        x_ticks=[Tick(x(mark), f"{mark:.0f}") for mark in sorted({float(first), *marks})],
        y_ticks=[Tick(y(level), significant(level)) for level in levels],
        best_x=x(best_epoch) if best_epoch in epochs else None,
        best_epoch=best_epoch,
        stages=[Tick(x(stage.position), stage.text) for stage in stages],
    )


def _describe(
    title: str, epochs: Sequence[int], series: Mapping[str, Sequence[float | None]], best_epoch: int
) -> str:
    parts = [
        f"{name}: {significant(values[0])} at epoch {epochs[0]}, {significant(values[-1])} at epoch {epochs[-1]}."
        for name, values in series.items()
    ]
    return " ".join([f"Line chart of {title} by epoch.", *parts, f"The best epoch is {best_epoch}."])
