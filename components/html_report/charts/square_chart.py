"""Geometry of a chart whose both axes run from 0 to 1; the template draws it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from components.html_report.charts.line_chart import Tick

# In units of the SVG's viewBox.
WIDTH, HEIGHT = 300, 262
LEFT, RIGHT, TOP, BOTTOM = 34, 290, 10, 222
_MARKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Trace:
    """A named line, in viewBox units; `style` is the number of its colour and dashes."""

    name: str
    points: str
    style: int


@dataclass(frozen=True)
class Dot:
    """A point that is marked, in viewBox units."""

    x: float
    y: float
    radius: float
    style: int


@dataclass(frozen=True)
class SquareChart:
    """A chart of two shares.

    Attributes:
        title: What is drawn.
        description: The chart in words, for those who do not see it.
        x_label: Meaning of the horizontal axis.
        y_label: Meaning of the vertical axis.
        traces: The lines.
        dots: The marked points.
        by_chance: The line of a model that guesses, as points.
    """

    title: str
    description: str
    x_label: str
    y_label: str
    traces: list[Trace]
    dots: list[Dot] = field(default_factory=list)
    by_chance: str = ""
    x_ticks: tuple[Tick, ...] = tuple(Tick(LEFT + mark * (RIGHT - LEFT), f"{mark:g}") for mark in _MARKS)
    y_ticks: tuple[Tick, ...] = tuple(Tick(BOTTOM - mark * (BOTTOM - TOP), f"{mark:g}") for mark in _MARKS)


def place_x(share: float) -> float:
    """Returns where a share in [0, 1] stands along the horizontal axis."""
    return round(LEFT + float(share) * (RIGHT - LEFT), 1)


def place_y(share: float) -> float:
    """Returns where a share in [0, 1] stands along the vertical axis."""
    return round(BOTTOM - float(share) * (BOTTOM - TOP), 1)


def polyline(points: Iterable[tuple[float, float]]) -> str:
    """Writes points of two shares each as an SVG polyline's."""
    return " ".join(f"{place_x(x):g},{place_y(y):g}" for x, y in points)
