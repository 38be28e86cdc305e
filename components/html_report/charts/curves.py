"""Precision-recall and ROC curves of each class against all others."""

from dataclasses import dataclass

import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.ranking import average_precision, roc_auc
from components.html_report.charts.square_chart import Dot, SquareChart, Trace, place_x, place_y, polyline
from components.html_report.charts.thinning import thin
from components.html_report.charts.working_points import WorkingPoints, working_points
from components.html_report.number_format import percent, score

CLASSES_DRAWN = 24
OPEN_CLASSES = 6  # The others wait behind a word to click on.


@dataclass(frozen=True)
class ClassCurves:
    """The two charts of a class."""

    name: str
    support: int
    charts: tuple[SquareChart, SquareChart]


def precision_recall_line(points: WorkingPoints) -> tuple[np.ndarray, np.ndarray]:
    """Returns the vertices of the precision-recall curve, recall and precision, each `(vertices,)`.

    The curve is made of steps: from the recall of one threshold to that of the next the precision is the
    next one's, so that the area under it is the average precision. Interpolating would promise more.

    Reference:
        Davis and Goadrich (2006), The relationship between precision-recall and ROC curves.
    """
    before = np.concatenate([[0.0], points.recall[:-1]])
    recall = np.column_stack([before, points.recall]).reshape(-1)
    return recall, np.repeat(points.precision, 2)


def roc_line(points: WorkingPoints) -> tuple[np.ndarray, np.ndarray]:
    """Returns the vertices of the ROC curve, false alarm rate and recall, each `(vertices,)`, from (0, 0)."""
    return (
        np.concatenate([[0.0], points.false_alarm_rate]),
        np.concatenate([[0.0], points.recall]),
    )


def class_curves(records: AnsweredRecords, names: list[str]) -> list[ClassCurves]:
    """Draws the curves of the first of some classes.

    Args:
        records: The test records; with a last blessed model its curves are drawn too.
        names: Classes in the order wanted; those without records, or with all of them, are left out.

    Returns:
        The charts of at most `CLASSES_DRAWN` classes.
    """
    drawn = []
    for name in names:
        index = records.classes.index(name)
        positive = records.labels == index
        if positive.any() and not positive.all():
            charts = _precision_recall_chart(records, index), _roc_chart(records, index)
            drawn.append(ClassCurves(name, int(positive.sum()), charts))
        if len(drawn) == CLASSES_DRAWN:
            break
    return drawn


def _models(records: AnsweredRecords, index: int) -> list[tuple[str, WorkingPoints]]:
    """Returns the working points of the models there are, the last blessed one first, under the other."""
    scores = {"Last blessed": records.baseline_probabilities, "This model": records.probabilities}
    found = [
        (name, working_points(records.labels == index, probabilities[:, index]))
        for name, probabilities in scores.items()
        if probabilities is not None
    ]
    return [(name, points) for name, points in found if points is not None]


def _traces(lines: list[tuple[str, tuple[np.ndarray, np.ndarray]]]) -> list[Trace]:
    traces = []
    for name, (x, y) in lines:
        kept = thin(x, y)
        style = 0 if name == "This model" else 1
        traces.append(Trace(name, polyline(zip(x[kept], y[kept], strict=True)), style))
    return traces


def _precision_recall_chart(records: AnsweredRecords, index: int) -> SquareChart:
    positive, decided = records.labels == index, records.decisions == index
    lines = [(name, precision_recall_line(points)) for name, points in _models(records, index)]
    area = average_precision(positive, records.probabilities[:, index])
    share = float(positive.mean())
    description = (
        f"Precision-recall curve of {records.classes[index]}: average precision {score(area)}; guessing "
        f"has {percent(share, 1)} precision at every recall."
    )
    dots = []
    if decided.any():
        recall = float((positive & decided).sum() / positive.sum())
        precision = float((positive & decided).sum() / decided.sum())
        description += f" The rule decides at recall {score(recall)} and precision {score(precision)}."
        dots.append(Dot(place_x(recall), place_y(precision), 4.5, 0))
    return SquareChart(
        title=f"Precision and recall: average precision {score(area)}",
        description=description,
        x_label="recall",
        y_label="precision",
        traces=_traces(lines),
        dots=dots,
        by_chance=polyline([(0, share), (1, share)]),
    )


def _roc_chart(records: AnsweredRecords, index: int) -> SquareChart:
    positive, decided = records.labels == index, records.decisions == index
    lines = [(name, roc_line(points)) for name, points in _models(records, index)]
    area = roc_auc(positive, records.probabilities[:, index])
    recall = float((positive & decided).sum() / positive.sum())
    alarms = float((~positive & decided).sum() / (~positive).sum())
    return SquareChart(
        title=f"ROC: area {score(area)}",
        description=(
            f"ROC curve of {records.classes[index]}: area {score(area)}, 0.5 is guessing. The rule decides at "
            f"recall {score(recall)} and false alarm rate {score(alarms)}."
        ),
        x_label="false alarm rate",
        y_label="recall",
        traces=_traces(lines),
        dots=[Dot(place_x(alarms), place_y(recall), 4.5, 0)],
        by_chance=polyline([(0, 0), (1, 1)]),
    )
