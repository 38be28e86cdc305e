"""Section on thresholds: what each class's precision and recall become when its threshold moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from components.decision_calibrator.record_cost_rule import RecordCostRule
from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.money_scores import cost_curve
from components.html_report.charts.thinning import thin
from components.html_report.charts.working_points import WorkingPoints, working_points
from components.html_report.headline import rarest_first
from components.html_report.report_inputs import ReportInputs
from core.documents.decision import DecisionFigures

CLASSES_SHOWN = 40
MOST_STEPS = 200


@dataclass(frozen=True)
class ThresholdRow:
    """A class at the threshold that flags as many records as the decision rule does.

    Attributes:
        name: The class.
        support: Its test records.
        threshold: The probability from which on records are flagged.
        precision: In [0, 1].
        recall: In [0, 1].
        f1: In [0, 1].
        flagged: Number of records.
    """

    name: str
    support: int
    threshold: float
    precision: float
    recall: float
    f1: float
    flagged: int


class ClassSteps(TypedDict):
    """What the script knows of a class.

    They are thresholds, falling, hits and alarms at each, and the places of the row's, of the lowest above the queue's, of
    the lowest that lets the class into a record's set, and of the one that costs least; None where there is no such. Of the
    class that costs are about, what each threshold costs in all.
    """

    name: str
    support: int
    thresholds: list[float]
    hits: list[int]
    alarms: list[int]
    start: int
    queue: int | None
    sets: int | None
    cheapest: int | None
    costs: list[float] | None


class ScriptData(TypedDict):
    """What the script knows: the number of records, and the classes."""

    n: int
    classes: list[ClassSteps]


@dataclass(frozen=True)
class Thresholds:
    """The rows that stand without JavaScript, and what the script needs to move them.

    Attributes:
        rows: One for each class.
        data: What the script gets, as JSON.
        hidden: Number of classes left out.
    """

    rows: list[ThresholdRow]
    data: ScriptData
    hidden: int


def thresholds(inputs: ReportInputs) -> Thresholds | None:
    """Returns the thresholds; None where no class has test records beside others."""
    if inputs.records is None:
        return None
    return class_thresholds(inputs.records, rarest_first(inputs.metrics), inputs.metrics.decision)


def class_thresholds(
    records: AnsweredRecords, names: Sequence[str], decision: DecisionFigures | None = None
) -> Thresholds | None:
    """Counts what each class's thresholds would flag; every class on its own against all others.

    Of more than `MOST_STEPS` distinct probabilities some are kept: those that bend the curve of precision over
    recall, and some at equal steps. A threshold that is kept has its exact counts.

    Args:
        records: The test records.
        names: Classes in the order wanted.
        decision: How the model decides, of which thresholds of queue and sets are taken; None leaves them out.

    Returns:
        None where no class has records beside others.
    """
    rows: list[ThresholdRow] = []
    classes: list[ClassSteps] = []
    hidden = 0
    for name in names:
        index = records.classes.index(name)
        points = working_points(records.labels == index, records.probabilities[:, index])
        if points is None:
            continue
        if len(rows) == CLASSES_SHOWN:
            hidden += 1
            continue
        start = points.nearest(int((records.decisions == index).sum()))
        rows.append(_row(name, points, start))
        costs = _costs(name, records, decision)
        classes.append(_steps(name, points, start, _marks(name, points, decision), costs))
    if not rows:
        return None
    return Thresholds(rows, {"n": len(records.labels), "classes": classes}, hidden)


@dataclass(frozen=True)
class _Marks:
    """Places of the thresholds of queue and sets."""

    queue: int | None = None
    sets: int | None = None


def _marks(name: str, points: WorkingPoints, decision: DecisionFigures | None) -> _Marks:
    if decision is None:
        return _Marks()
    queue, coverage = decision.rule.queue, decision.coverage
    above = below = None
    if queue is not None and queue.class_name == name:
        above = int((points.thresholds > queue.size.threshold).sum())
    if coverage is not None:
        below = int((points.thresholds >= np.float32(coverage.thresholds[name])).sum())
    # Where no test record is as probable, there is no place to go to.
    return _Marks(above - 1 if above else None, below - 1 if below else None)


def _costs(name: str, records: AnsweredRecords, decision: DecisionFigures | None) -> np.ndarray | None:
    """Returns what each threshold of a class costs in all, float `(points,)`; None of a class that no costs are about."""
    figures = None if decision is None else decision.rule.costs
    if figures is None or figures.class_name != name:
        return None
    costs, size = RecordCostRule.of_figures(figures, records.classes).record_costs, len(records.labels)
    curve = cost_curve(
        records.probabilities[:, costs.index],
        records.labels == costs.index,
        costs.stakes(records.amounts, size),
    )
    # The curve's points count what is above a threshold, and so begin with none.
    return np.array([point.mean * size for point in curve[1:]])


def _steps(
    name: str, points: WorkingPoints, start: int, marks: _Marks, costs: np.ndarray | None
) -> ClassSteps:
    cheapest = None if costs is None else int(costs.argmin())
    kept = _kept(points, [start, *(one for one in (marks.queue, marks.sets, cheapest) if one is not None)])

    def place(of_all: int | None) -> int | None:
        return None if of_all is None else int(np.flatnonzero(kept == of_all)[0])

    return {
        "name": name,
        "support": int(points.hits[-1]),
        "thresholds": [float(f"{value:.5g}") for value in points.thresholds[kept]],
        "hits": points.hits[kept].tolist(),
        "alarms": points.false_alarms[kept].tolist(),
        "start": int(np.flatnonzero(kept == start)[0]),
        "queue": place(marks.queue),
        "sets": place(marks.sets),
        "cheapest": place(cheapest),
        "costs": None if costs is None else [float(f"{value:.6g}") for value in costs[kept]],
    }


def _kept(points: WorkingPoints, wanted: Sequence[int]) -> np.ndarray:
    """Returns places of thresholds, rising, those wanted among them."""
    count = len(points.thresholds)
    if count <= MOST_STEPS:
        return np.arange(count)
    bends = thin(points.recall, points.precision, most=MOST_STEPS * 3 // 4)
    steps = np.linspace(0, count - 1, MOST_STEPS // 4 - 3).astype(np.int64)
    return np.unique(np.concatenate([bends, steps, wanted]))


def _row(name: str, points: WorkingPoints, place: int) -> ThresholdRow:
    margins = points.margins
    return ThresholdRow(
        name,
        int(points.hits[-1]),
        float(points.thresholds[place]),
        float(margins.precision[place]),
        float(margins.recall[place]),
        float(margins.f1[place]),
        int(points.flagged[place]),
    )
