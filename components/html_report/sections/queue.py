"""Section on the queue: what those find who read the records likeliest to be of a class."""

from dataclasses import dataclass

from components.html_report.report_inputs import ReportInputs
from core.documents.decision import QueueFigures, QueueSize
from core.documents.decision_scores import QueueScores, QueueSizeScores


@dataclass(frozen=True)
class QueueRow:
    """A size of the queue: what was fitted on held-out records, and what came of it on test."""

    fitted: QueueSize
    scores: QueueSizeScores
    is_asked: bool


@dataclass(frozen=True)
class Queue:
    """What the section shows.

    Attributes:
        scores: What came of the queue on test.
        rows: The sizes, in rising order.
    """

    scores: QueueScores
    rows: list[QueueRow]


def queue(inputs: ReportInputs) -> Queue | None:
    """Returns the queue and its other sizes; None where the rule has none."""
    scores, fitted = inputs.metrics.queue, inputs.metrics.decision.rule.queue
    return None if scores is None or fitted is None else Queue(scores, _rows(fitted, scores))


def _rows(fitted: QueueFigures, scores: QueueScores) -> list[QueueRow]:
    rows = [
        QueueRow(fitted.size, scores.size, is_asked=True),
        *(
            QueueRow(size, of_size, is_asked=False)
            for size, of_size in zip(fitted.others, scores.others, strict=True)
        ),
    ]
    return sorted(rows, key=lambda row: row.fitted.share)
