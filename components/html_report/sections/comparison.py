"""This model beside plain ones, in rows."""

from typing import Any

from components.evaluation.summary_metrics import REPORTED_METRICS

_SCORES = {name: metric.title for name, metric in REPORTED_METRICS.items() if metric.beside_contenders}
THIS_MODEL = "this model"


def lay_out(metrics: dict[str, Any], names: list[str]) -> dict[str, Any] | None:
    """Lays out how the contenders did on the same test records.

    Args:
        metrics: Holds `summary`, `per_class` and `contenders`.
        names: Classes in the order wanted.

    Returns:
        `models`, this one first; `scores` and `recalls`, rows of a name and a number for each model. None
        without contenders.
    """
    contenders = {name: found for name, found in metrics["contenders"].items() if found.get("summary")}
    if not contenders:
        return None
    everyone = {THIS_MODEL: metrics, **contenders}
    return {
        "models": list(everyone),
        "scores": [
            (title, [model["summary"].get(key) for model in everyone.values()])
            for key, title in _SCORES.items()
        ],
        "recalls": [
            (name, [model.get("per_class", {}).get(name, {}).get("recall") for model in everyone.values()])
            for name in names
        ],
    }


def calibration_scores(metrics: dict[str, Any]) -> list[tuple[str, float | None, float | None]]:
    """Returns scores before and after calibration and rule; empty where none were measured before."""
    before = metrics["uncalibrated"]["summary"]
    titles = {"brier": "Brier score", **_SCORES}
    return [
        (title, before[key], metrics["summary"].get(key)) for key, title in titles.items() if key in before
    ]
