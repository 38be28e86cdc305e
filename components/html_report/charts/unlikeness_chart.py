"""Distribution of the unlikeness of records, as the share of them that is less unlike."""

import numpy as np

from components.html_report.charts.line_chart import Tick, ticks
from components.html_report.charts.square_chart import SquareChart, Trace, place_x, polyline
from components.html_report.charts.thinning import thin
from components.html_report.number_format import score, significant

_RECORDS, _THRESHOLD = 0, 1
# In units of the threshold; what is more unlike is drawn at the edge.
_EDGE = 2.0


def unlikeness_chart(title: str, unlikeness: np.ndarray, threshold: float) -> SquareChart:
    """Draws the share of records that are no more unlike than a value, and the threshold.

    Args:
        title: What the records are, as the chart is headed.
        unlikeness: Of the records, float `(n,)`, at least one.
        threshold: Records above it are called unknown, above 0.
    """
    edge = _EDGE * threshold or 1.0
    rising = np.minimum(np.sort(unlikeness), edge) / edge
    shares = np.arange(1, len(rising) + 1) / len(rising)
    # A step for each record: level until it, then up.
    xs = np.concatenate([[0.0], np.repeat(rising, 2), [1.0]])
    ys = np.concatenate([[0.0, 0.0], np.repeat(shares, 2)])
    kept = thin(xs, ys)
    beyond = float((unlikeness > threshold).mean())
    return SquareChart(
        title=title,
        description=(
            f"{title}: half are no more unlike than {significant(float(np.median(unlikeness)))}; {score(beyond)} are above "
            f"the threshold of {significant(threshold)}."
        ),
        x_label="unlikeness",
        y_label="share no more unlike",
        traces=[
            Trace("records", polyline(zip(xs[kept], ys[kept], strict=True)), _RECORDS),
            Trace("threshold", polyline([(threshold / edge, 0.0), (threshold / edge, 1.0)]), _THRESHOLD),
        ],
        x_ticks=tuple(
            Tick(place_x(mark / edge), f"{mark:g}") for mark in ticks(0.0, edge) if 0 <= mark <= edge
        ),
    )
