"""Scores of decisions that people act on: what a queue is worth, on test."""

from core.documents.document import Part
from core.documents.values import Count, Number


class Rate(Part):
    """A share and the ends of its 95 % interval; None where there is nothing to count."""

    value: Number | None
    low: Number | None
    high: Number | None


class QueueSizeScores(Part):
    """What came of a queue of one size.

    Attributes:
        asked: Most of all records that may be in the queue, in (0, 1).
        threshold: Of the class's probability.
        records: Test records in the queue.
        share: Of all test records, those in the queue; with Wilson's interval.
        precision: Of those in the queue, those of the class; with Wilson's interval.
        recall: Of those of the class, those in the queue; with Wilson's interval.
        lift: The precision by the class's share of all records; with a bootstrap interval.
    """

    asked: Number
    threshold: Number
    records: Count
    share: Rate
    precision: Rate
    recall: Rate
    lift: Rate


class QueueScores(Part):
    """What came of the queue on the test records, and what would of queues of other sizes.

    Attributes:
        class_name: The class that is looked for.
        n: Test records that were counted.
        size: The size asked for.
        others: Other sizes, in rising order.
    """

    class_name: str
    n: Count
    size: QueueSizeScores
    others: tuple[QueueSizeScores, ...]
