"""Scores in money: what decisions cost on test, beside those of simpler rules."""

from core.documents.decision_scores import Rate
from core.documents.document import Part
from core.documents.values import Count, Number


class PolicyCost(Part):
    """What a way to decide costs on the test records.

    Attributes:
        acted: Test records that the class is decided for.
        total: Cost of all of them; with a bootstrap interval.
        mean: Of a record; with the same.
        dearer: By how much more a record costs in the mean than by the model's rule, on the same resamples.
    """

    acted: Count
    total: Rate
    mean: Rate
    dearer: Rate


class CostPoint(Part):
    """What one threshold for all records would cost: the class is decided for where its probability is above it."""

    threshold: Number
    acted: Count
    mean: Number


class MoneyScores(Part):
    """What the decisions cost on the test records.

    Attributes:
        class_name: The class that is acted on.
        n: Test records that were counted.
        rule: The model's rule, for all records, also those that it leaves to a person.
        argmax: Deciding for the likeliest class.
        always_no: Never deciding for the class.
        always_yes: Always deciding for it.
        savings: Share of the cost of the cheaper of always_no and always_yes that the rule saves; below 0 where it costs
            more. With a bootstrap interval; None where that cost is 0.
        best_threshold: The threshold that costs least on test itself, which no rule can know before.
        curve: Cost over thresholds, falling; some of them where there are many.
    """

    class_name: str
    n: Count
    rule: PolicyCost
    argmax: PolicyCost
    always_no: PolicyCost
    always_yes: PolicyCost
    savings: Rate
    best_threshold: CostPoint
    curve: tuple[CostPoint, ...]
