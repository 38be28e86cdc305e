"""Decision rule and calibration of the model, in rows."""

from collections.abc import Callable
from typing import Any

from components.decision_calibrator.rules.table import RULES
from components.html_report.number_format import MISSING, significant

_RULES = {kind.name: kind.meaning for kind in RULES}


def lay_out(decision: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Lays calibration and rule out, class by class.

    Args:
        decision: What DecisionCalibrator left beside the model.
        names: Classes in the order wanted.

    Returns:
        `version`, `rule` in words, `calibrated`, `columns`, and `rows` of a class's name and its cells:
        slope, offset, and as far as there are such the weight, its spread over resamples, and the threshold.
    """
    calibration, rule = decision["calibration"], decision["rule"]
    columns: dict[str, tuple[Any, Callable[[Any], str]]] = {
        "Slope": (calibration.get("slope"), significant),
        "Offset": (calibration.get("offset"), significant),
        "Weight": (rule.get("weights"), significant),
        "Weight’s 95 % spread": (rule.get("weights_spread"), _spread),
        "Threshold": (rule.get("thresholds"), significant),
    }
    there = {title: column for title, column in columns.items() if column[0]}
    return {
        "version": decision["version"],
        "rule": _RULES.get(rule["name"], rule["name"]),
        "calibrated": decision["settings"].get("calibrate", False),
        "columns": list(there),
        "rows": [
            (name, [write(values[name]) if name in values else MISSING for values, write in there.values()])
            for name in names
        ],
    }


def _spread(quantiles: list[float]) -> str:
    return f"{significant(quantiles[0])}–{significant(quantiles[-1])}"
