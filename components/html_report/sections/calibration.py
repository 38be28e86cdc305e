"""Section on calibration: whether the probabilities can be believed, and how the model decides by them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.decision_calibrator.record_cost_rule import RECORD_COSTS_RULE
from components.decision_calibrator.rules.table import RULES
from components.html_report.charts.reliability import Reliability, reliability
from components.html_report.headline import rarest_first
from components.html_report.number_format import MISSING, significant
from components.html_report.report_inputs import ReportInputs
from components.html_report.sections.comparison import SCORES
from core.documents.decision import DecisionFigures
from core.documents.metrics import Metrics

_RULES = {kind.name: kind.meaning for kind in RULES} | {
    RECORD_COSTS_RULE: "the class of the costs where acting on it costs less in the mean than not acting, and the likeliest "
    "other class everywhere else",
}


@dataclass(frozen=True)
class DecisionTable:
    """Calibration and rule, class by class.

    Attributes:
        version: Digest of the decision.
        rule: In words.
        calibrated: Whether the probabilities are calibrated.
        columns: Slope, offset, and as far as there are such the weight, its spread and the threshold.
        rows: A class's name and its cells.
    """

    version: str
    rule: str
    calibrated: bool
    columns: list[str]
    rows: list[tuple[str, list[str]]]


@dataclass(frozen=True)
class ScoreChange:
    """A score before calibration and rule, and after."""

    title: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Calibration:
    """What the section shows.

    Attributes:
        by_folds: Whether calibration and rule are fitted on answers out of fold, and not on eval.
        decision: The decision.
        reliability: The reliability diagram, or None.
        scores: Scores before and after.
    """

    by_folds: bool
    decision: DecisionTable
    reliability: Reliability | None
    scores: list[ScoreChange]


def calibration(inputs: ReportInputs) -> Calibration:
    """Returns how the model decides, and what calibration changed."""
    metrics = inputs.metrics
    return Calibration(
        bool(inputs.training.folds),
        decision_table(metrics.decision, rarest_first(metrics)),
        None if inputs.records is None else reliability(inputs.records),
        score_changes(metrics),
    )


def decision_table(decision: DecisionFigures, names: Sequence[str]) -> DecisionTable:
    """Lays calibration and rule out, class by class, in the order of the names."""
    rule = decision.rule
    columns: dict[str, tuple[Mapping[str, Any] | None, Callable[[Any], str]]] = {
        "Slope": (decision.calibration.slope, significant),
        "Offset": (decision.calibration.offset, significant),
        "Weight": (rule.weights, significant),
        "Weight’s 95 % spread": (rule.weights_spread, _spread),
        "Threshold": (rule.thresholds, significant),
    }
    there = {title: (values, write) for title, (values, write) in columns.items() if values}
    return DecisionTable(
        version=decision.version,
        rule=_RULES.get(rule.name, rule.name),
        calibrated=bool(decision.settings.get("calibrate", False)),
        columns=list(there),
        rows=[
            (name, [write(values[name]) if name in values else MISSING for values, write in there.values()])
            for name in names
        ],
    )


def score_changes(metrics: Metrics) -> list[ScoreChange]:
    """Returns scores before and after calibration and rule; empty where none were measured before."""
    before, after = metrics.uncalibrated.summary.measured(), metrics.summary.measured()
    titles = {"brier": "Brier score", **SCORES}
    return [ScoreChange(title, before[key], after.get(key)) for key, title in titles.items() if key in before]


def _spread(quantiles: Sequence[float]) -> str:
    return f"{significant(quantiles[0])}–{significant(quantiles[-1])}"
