"""Records that are like none of the classes: how a model tells them, and what came of it on test."""

from core.documents.decision_scores import Rate
from core.documents.document import Part
from core.documents.values import Count, Number


class UnknownFigures(Part):
    """Unlikeness beyond which a record is called unknown.

    Attributes:
        formula: Of the unlikeness.
        max_false_alarm: Most of the records of the known classes that may be called unknown, in (0, 1).
        threshold: A record is called unknown where its unlikeness is above it.
        threshold_spread: Its 2.5 %, 50 % and 97.5 % quantiles over resamples.
        false_alarm: Share of new records of the known classes that are called unknown, in the mean over draws of the held-out
            records; above `max_false_alarm` where single held-out records stand for more than that.
        held_out: Held-out records that the threshold is found by.
        held_out_quantiles: Of their unlikeness, 5 %, 50 % and 95 %.
        trained_on: Records by class that means and covariance are those of; of several networks, of all of them together.
        networks: Networks whose embeddings are measured in.
        shrinkage: Of each network's covariance towards a multiple of the identity, in [0, 1].
        measure: Digest of the file beside the model that holds means and covariances.
    """

    formula: str
    max_false_alarm: Number
    threshold: Number
    threshold_spread: tuple[Number, Number, Number]
    false_alarm: Number
    held_out: Count
    held_out_quantiles: tuple[Number, Number, Number]
    trained_on: dict[str, Count]
    networks: Count
    shrinkage: tuple[Number, ...]
    measure: str


class ClassUnknown(Part):
    """How many of a class's test records are called unknown.

    Attributes:
        support: Test records of the class.
        unknown: Of them, those called unknown; with Wilson's interval.
        median: Of their unlikeness; None without records.
    """

    support: Count
    unknown: Rate
    median: Number | None


class UnknownScores(Part):
    """How many test records, all of which are of a known class, are called unknown.

    Attributes:
        n: Test records that were counted.
        asked: Most of the records of the known classes that may be called unknown.
        threshold: Of the unlikeness.
        held_out: Held-out records that the threshold is found by.
        unknown: Of the test records, those called unknown, every one a false alarm; with Wilson's interval.
        per_class: By class.
    """

    n: Count
    asked: Number
    threshold: Number
    held_out: Count
    unknown: Rate
    per_class: dict[str, ClassUnknown]
