"""Scores of decisions that people act on: what queue, abstention and prediction sets are worth, on test."""

from core.documents.document import Part
from core.documents.values import Count, Number


class Rate(Part):
    """A share and the ends of its 95 % interval; None where there is nothing to count."""

    value: Number | None
    low: Number | None
    high: Number | None


class ClassAbstention(Part):
    """What an abstention leaves of a class.

    Attributes:
        support: Test records of the class.
        abstained: Of them, those left to a person; with Wilson's interval.
        recall: Of those decided on, those decided rightly; with Wilson's interval.
        recall_without: The recall, were all decided on.
    """

    support: Count
    abstained: Rate
    recall: Rate
    recall_without: Rate


class AbstentionScores(Part):
    """What came of leaving records to a person on the test records.

    Attributes:
        n: Test records that were counted.
        abstained: Of them, those left to a person; with Wilson's interval.
        error: Of those decided on, those decided wrongly; with Wilson's interval.
        error_without: The same, were all decided on.
        mean_cost: Of a record, by the rule's costs and that of a person; left out where no cost was given.
        mean_cost_without: The same, were all decided on.
        per_class: By class.
    """

    n: Count
    abstained: Rate
    error: Rate
    error_without: Rate
    mean_cost: Number | None = None
    mean_cost_without: Number | None = None
    per_class: dict[str, ClassAbstention]


class ClassCoverage(Part):
    """How often the sets of a class's records hold it.

    Attributes:
        support: Test records of the class.
        covered: Of them, those whose set holds the class; with Wilson's interval.
        mean_size: Classes in their sets; None without records.
    """

    support: Count
    covered: Rate
    mean_size: Number | None


class CoverageScores(Part):
    """What came of the prediction sets on the test records.

    Attributes:
        n: Test records that were counted.
        asked: Share of the records of each class whose sets are to hold it.
        covered: Of all records, those whose set holds the true class; with Wilson's interval.
        mean_size: Classes in a set.
        empty: Sets without a class.
        single: Sets of one class.
        per_class: By class.
    """

    n: Count
    asked: Number
    covered: Rate
    mean_size: Number
    empty: Count
    single: Count
    per_class: dict[str, ClassCoverage]


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
