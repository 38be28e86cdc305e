"""Section on abstention: what is left to a person, of which class, and what it saves."""

from dataclasses import dataclass

import numpy as np

from components.decision_calibrator.described_decision import rule_of
from components.evaluation.answered_records import AnsweredRecords
from components.html_report.charts.risk_coverage import CLASSES_DRAWN, risk_coverage_chart
from components.html_report.charts.square_chart import SquareChart
from components.html_report.headline import rarest_first
from components.html_report.report_inputs import ReportInputs
from core.documents.decision import AbstentionFigures, RuleFigures
from core.documents.decision_scores import AbstentionScores, ClassAbstention


@dataclass(frozen=True)
class Abstention:
    """What the section shows.

    Attributes:
        figures: Threshold of the doubt, fitted on held-out records.
        scores: What came of it on test.
        rows: Of each class, rarest first.
        charts: Risk over coverage, of all records and of the rarest classes.
    """

    figures: AbstentionFigures
    scores: AbstentionScores
    rows: list[tuple[str, ClassAbstention]]
    charts: list[SquareChart]


def abstention(inputs: ReportInputs) -> Abstention | None:
    """Returns what is left to a person; None where all records are decided on."""
    figures, scores = inputs.metrics.decision.abstention, inputs.metrics.abstention
    if figures is None or scores is None or inputs.records is None:
        return None
    names = rarest_first(inputs.metrics)
    return Abstention(
        figures,
        scores,
        [(name, scores.per_class[name]) for name in names],
        _charts(inputs.records, inputs.metrics.decision.rule, names),
    )


def _charts(records: AnsweredRecords, rule: RuleFigures, names: list[str]) -> list[SquareChart]:
    doubt = rule_of(rule, records.classes).doubt(records.probabilities.astype(np.float64), records.amounts)
    charts = [risk_coverage_chart("All records", records, doubt, np.ones(len(doubt), bool))]
    for name in names:
        mine = records.labels == records.classes.index(name)
        if mine.any() and len(charts) <= CLASSES_DRAWN:
            charts.append(risk_coverage_chart(name, records, doubt, mine))
    return charts
