"""The scores of each class, and of all together, in rows."""

from typing import Any

from components.evaluation.summary_metrics import REPORTED_METRICS
from components.html_report import number_format
from components.html_report.sections.headline import lowest_recall, rarest_first


def class_rows(metrics: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns a row for each class, rarest first, with its recall's interval in per cent of the scale."""
    names, worst = rarest_first(metrics), lowest_recall(metrics)
    rows = []
    for name in names:
        scores = metrics["per_class"][name]
        bounds = scores["recall_interval"]
        drawn = (
            number_format.is_number(scores["recall"])
            and number_format.interval(bounds) != number_format.MISSING
        )
        rows.append(
            {
                "name": name,
                **scores,
                # Where all are equal no class stands out, and a mark on each says nothing.
                "is_worst": name in worst and len(worst) < len(names),
                "bar": None
                if not drawn
                else {
                    "from": round(100 * bounds[0], 2),
                    "width": round(100 * (bounds[1] - bounds[0]), 2),
                    "at": round(100 * scores["recall"], 2),
                },
            }
        )
    return rows


def score_rows(summary: dict[str, float | None]) -> list[tuple[str, float | None, str]]:
    known = [
        (metric.title, summary[name], metric.meaning)
        for name, metric in REPORTED_METRICS.items()
        if name in summary
    ]
    return known + [(name, value, "") for name, value in summary.items() if name not in REPORTED_METRICS]
