"""Precision, recall and lift of the records that a queue holds."""

import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.bootstrap import quantiles_95
from components.evaluation.intervals import wilson_rate
from core.documents.decision import QueueFigures, QueueSize
from core.documents.decision_scores import QueueScores, QueueSizeScores, Rate

_RESAMPLES = 1000


def queue_scores(records: AnsweredRecords, queue: QueueFigures) -> QueueScores:
    """Counts what a queue of the sizes described holds of the test records.

    A record is in a queue where its probability is above the threshold, whether or not the model abstains on it.

    Args:
        records: The test records, at least one.
        queue: The class, and the thresholds of the sizes.
    """
    index = records.classes.index(queue.class_name)
    positive = records.labels == index
    # In double precision, as thresholds are: what the graph holds against float32 is nearer than a record's score.
    scores = records.probabilities[:, index].astype(np.float64)
    return QueueScores(
        class_name=queue.class_name,
        n=len(positive),
        size=_size_scores(queue.size, positive, scores),
        others=tuple(_size_scores(size, positive, scores) for size in queue.others),
    )


def _size_scores(size: QueueSize, positive: np.ndarray, scores: np.ndarray) -> QueueSizeScores:
    inside = scores > size.threshold
    hits, flagged, support = int((inside & positive).sum()), int(inside.sum()), int(positive.sum())
    return QueueSizeScores(
        asked=size.share,
        threshold=size.threshold,
        records=flagged,
        share=wilson_rate(flagged, len(positive)),
        precision=wilson_rate(hits, flagged),
        recall=wilson_rate(hits, support),
        lift=_lift(hits, flagged, support, len(positive)),
    )


def _lift(hits: int, flagged: int, support: int, total: int) -> Rate:
    """Returns precision by prevalence, with its interval over bootstrap resamples of the records.

    A resample of the records is a draw of how many of them fall into each of the four cells of class and queue.
    """
    if flagged == 0 or support == 0:
        return Rate(value=None, low=None, high=None)
    cells = np.array([hits, flagged - hits, support - hits, total - flagged - support + hits])
    drawn = np.random.default_rng(0).multinomial(total, cells / total, _RESAMPLES)
    of_class, in_queue = drawn[:, 0] + drawn[:, 2], drawn[:, 0] + drawn[:, 1]
    defined = (of_class > 0) & (in_queue > 0)
    lifts = drawn[defined, 0] * total / (of_class * in_queue)[defined]
    low, _, high = quantiles_95(lifts[:, np.newaxis])[:, 0].tolist()
    return Rate(value=hits * total / (flagged * support), low=low, high=high)
