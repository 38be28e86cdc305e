"""Section on unknown records: how unlike the classes' records are, and which of test were called unknown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.html_report.charts.risk_coverage import CLASSES_DRAWN
from components.html_report.charts.square_chart import SquareChart
from components.html_report.charts.unlikeness_chart import unlikeness_chart
from components.html_report.headline import rarest_first
from components.html_report.report_inputs import ReportInputs
from core.documents.unknown import ClassUnknown, UnknownFigures, UnknownScores

if TYPE_CHECKING:  # It imports TensorFlow, which a page does not need.
    from components.html_report.records.unknown_records import UnknownRecord


@dataclass(frozen=True)
class Unknown:
    """What the section shows.

    Attributes:
        figures: Threshold of the unlikeness, found by held-out records.
        scores: How many test records are called unknown.
        is_promised: Whether the held-out records can tell so small a share.
        rows: Of each class, rarest first.
        charts: Distribution of the unlikeness, of all records and of the rarest classes.
        records: Test records that were called unknown, the most unlike first.
    """

    figures: UnknownFigures
    scores: UnknownScores
    is_promised: bool
    rows: list[tuple[str, ClassUnknown]]
    charts: list[SquareChart]
    records: Sequence["UnknownRecord"]


def unknown(inputs: ReportInputs) -> Unknown | None:
    """Returns what is called unknown; None where nothing can be."""
    figures, scores = inputs.metrics.decision.unknown, inputs.metrics.unknown
    if figures is None or scores is None or inputs.records is None:
        return None
    names = rarest_first(inputs.metrics)
    return Unknown(
        figures,
        scores,
        figures.false_alarm <= figures.max_false_alarm * (1 + 1e-6),
        [(name, scores.per_class[name]) for name in names],
        _charts(inputs.records, figures.threshold, names),
        inputs.unknown,
    )


def _charts(records: AnsweredRecords, threshold: float, names: list[str]) -> list[SquareChart]:
    assert records.unlikeness is not None
    unlikeness = records.unlikeness.astype(np.float64)
    charts = [unlikeness_chart("All records", unlikeness, threshold)]
    for name in names:
        mine = records.labels == records.classes.index(name)
        if mine.any() and len(charts) <= CLASSES_DRAWN:
            charts.append(unlikeness_chart(name, unlikeness[mine], threshold))
    return charts
