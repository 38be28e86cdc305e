"""Cost of a record over the threshold from which on a class is decided for, beside what the rule costs."""

import math

from components.html_report.charts.line_chart import Tick, ticks
from components.html_report.charts.square_chart import (
    Dot,
    SquareChart,
    Trace,
    place_x,
    place_y,
    polyline,
)
from components.html_report.number_format import amount
from core.documents.money import CostPoint, MoneyScores

_THRESHOLDS = (0.0, 0.01, 0.1, 0.25, 0.5, 1.0)
# Acting on every record can cost so much that all else would lie on the axis.
_HEADROOM = 1.5
_CURVE, _RULE = 0, 1


def cost_curve_chart(money: MoneyScores) -> SquareChart:
    """Draws the mean cost over the threshold, whose root is the horizontal axis, and the rule's as a level line.

    At the right end nothing is decided for the class, at the left end everything.

    Args:
        money: What the decisions cost on test.
    """
    others = [one.mean.value or 0.0 for one in (money.rule, money.argmax, money.always_no)]
    highest = max(point.mean for point in money.curve)
    levels = ticks(0, min(highest, _HEADROOM * max(others)) or 1.0)
    top = levels[-1]

    def y(cost: float) -> float:
        return min(cost, top) / top

    points = [(_across(point), y(point.mean)) for point in money.curve]
    rule = y(money.rule.mean.value or 0.0)
    best = money.best_threshold
    return SquareChart(
        title=f"Cost of a record by the threshold of {money.class_name}",
        description=(
            f"With one threshold for all records a record costs least at {best.threshold:.3g}, {amount(best.mean)}; by the "
            f"rule it costs {amount(money.rule.mean.value)}, without ever deciding for {money.class_name} "
            f"{amount(money.always_no.mean.value)}, and always {amount(money.always_yes.mean.value)}."
        ),
        x_label="threshold",
        y_label="cost of a record",
        traces=[
            Trace("one threshold for all", polyline(points), _CURVE),
            Trace("the rule", polyline([(0.0, rule), (1.0, rule)]), _RULE),
        ],
        dots=[Dot(place_x(_across(best)), place_y(y(best.mean)), 4.5, _CURVE)],
        x_ticks=tuple(Tick(place_x(math.sqrt(mark)), f"{mark:g}") for mark in _THRESHOLDS),
        y_ticks=tuple(Tick(place_y(level / top), amount(level)) for level in levels),
    )


def _across(point: CostPoint) -> float:
    return math.sqrt(min(max(point.threshold, 0.0), 1.0))
