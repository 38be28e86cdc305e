"""Sentences on what decisions are worth to those who act on them, for the terminal."""

from collections.abc import Iterator

from components.html_report.number_format import MISSING, rate, share
from core.documents.decision_scores import QueueScores
from core.documents.metrics import Metrics


def decision_lines(metrics: Metrics) -> list[str]:
    """Says what came of queue and of what else was asked of the decision, a line each."""
    return list(_lines(metrics))


def _lines(metrics: Metrics) -> Iterator[str]:
    if metrics.queue is not None:
        yield _queue_line(metrics.queue)


def _queue_line(queue: QueueScores) -> str:
    size = queue.size
    lift = MISSING if size.lift.value is None else f"{size.lift.value:.1f}"
    return (
        f"Queue of {queue.class_name}: {share(size.share.value)} of test ({share(size.asked)} asked for), precision "
        f"{rate(size.precision)}, recall {rate(size.recall)}, lift {lift}"
    )
