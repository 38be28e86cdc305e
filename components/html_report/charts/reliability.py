"""Reliability diagram: stated probabilities against how often they come true."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.calibration_figures import NUM_BINS, confidence_bins, expected_calibration_error
from components.html_report.charts.square_chart import Dot, SquareChart, Trace, place_x, place_y, polyline
from components.html_report.number_format import score

_SMALLEST_DOT, _LARGEST_DOT = 2.0, 8.0


@dataclass(frozen=True)
class Bin:
    """Records whose most probable class has a probability in (low, high].

    Attributes:
        low: Lower end.
        high: Upper end.
        count: Number of records.
        confidence: Their mean probability, None where there are none.
        accuracy: Share of them whose most probable class is the right one, or None.
    """

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None


def reliability_bins(labels: np.ndarray, probabilities: np.ndarray, num_bins: int = NUM_BINS) -> list[Bin]:
    """Sorts records into bins of equal width by their largest probability, as the calibration error does.

    Reference:
        Guo et al. (2017), On calibration of modern neural networks, https://arxiv.org/abs/1706.04599

    Args:
        labels: Class indices, int `(n,)`.
        probabilities: Float `(n, classes)`.
        num_bins: Number of bins.

    Returns:
        All bins, lowest first. The sum of `count / n * |accuracy - confidence|` is the calibration error.
    """
    found = confidence_bins(labels, probabilities.astype(np.float64), num_bins)
    bins = []
    for place, (low, high) in enumerate(pairwise(found.edges.tolist())):
        mine = found.places == place
        means = [
            float(values[mine].mean()) if mine.any() else None for values in (found.confidence, found.correct)
        ]
        bins.append(Bin(low, high, int(mine.sum()), *means))
    return bins


@dataclass(frozen=True)
class Reliability:
    """The diagram, and its figures: pairs of bins before and after calibration that hold any record."""

    chart: SquareChart
    rows: list[tuple[Bin, Bin]]


def reliability(records: AnsweredRecords) -> Reliability:
    """Draws the diagram before and after calibration."""
    before, after = (
        reliability_bins(records.labels, one) for one in (records.raw_probabilities, records.probabilities)
    )
    errors = [
        expected_calibration_error(records.labels, one.astype(np.float64))
        for one in (records.raw_probabilities, records.probabilities)
    ]
    traces, dots = [], []
    for name, bins, style in (("Before calibration", before, 1), ("After calibration", after, 0)):
        filled = [one for one in bins if one.confidence is not None and one.accuracy is not None]
        points = [(one.confidence or 0.0, one.accuracy or 0.0) for one in filled]
        traces.append(Trace(name, polyline(points), style))
        radii = (_radius(one.count, len(records.labels)) for one in filled)
        dots += [
            Dot(place_x(x), place_y(y), radius, style) for (x, y), radius in zip(points, radii, strict=True)
        ]
    chart = SquareChart(
        title="How often it is right, by how sure it says it is",
        description=(
            f"Reliability diagram. The calibration error is {score(errors[0])} before calibration "
            f"and {score(errors[1])} after; on the diagonal it would be 0."
        ),
        x_label="stated probability",
        y_label="share right",
        traces=traces,
        dots=dots,
        by_chance=polyline([(0, 0), (1, 1)]),
    )
    rows = [pair for pair in zip(before, after, strict=True) if pair[0].count or pair[1].count]
    return Reliability(chart, rows)


def _radius(count: int, total: int) -> float:
    # The area, not the radius, is what the eye compares.
    return round(max(_SMALLEST_DOT, _LARGEST_DOT * (count / total) ** 0.5), 1)
