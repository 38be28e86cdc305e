"""Decision: how a SavedModel decides, as DecisionCalibrator writes it beside the model."""

import os
from typing import ClassVar

from pydantic import JsonValue

from core.documents.document import Document, Part
from core.documents.record_costs import RecordCostFigures
from core.documents.unknown import UnknownFigures
from core.documents.values import Count, Number


class CalibrationFigures(Part):
    """Calibration of the network's probabilities.

    Attributes:
        formula: `softmax(slope * log(raw_probabilities) + offset)`.
        slope: By class, above 0.
        offset: By class.
    """

    formula: str
    slope: dict[str, Number]
    offset: dict[str, Number]


class QueueSize(Part):
    """Size of a queue.

    Attributes:
        share: Most of all records that may be in the queue, in (0, 1).
        threshold: A record is in the queue where the class's probability is above it.
        threshold_spread: Its 2.5 %, 50 % and 97.5 % quantiles over resamples.
        records: Held-out records above the threshold.
    """

    share: Number
    threshold: Number
    threshold_spread: tuple[Number, Number, Number]
    records: Count


class QueueFigures(Part):
    """Queue of the records likeliest to be of a class.

    Attributes:
        class_name: The class.
        size: The size asked for.
        others: Other sizes for comparison, in rising order.
    """

    class_name: str
    size: QueueSize
    others: tuple[QueueSize, ...]


class RuleFigures(Part):
    """Decision rule.

    Attributes:
        name: As in the experiment.
        formula: How the class is found: `argmax(probabilities @ matrix)`, or that with a queue.
        matrix: `(classes, classes)`; for class weights their diagonal, for costs the costs, negative.
        weights: By class; None for costs and a queue.
        weights_spread: Quantiles of each class's weight over resamples; None where the rule is not fitted.
        thresholds: Of two classes with weights or a queue, the probability above which each is decided for; else None.
        queue: The queue; left out where the rule has none.
        costs: Costs that depend on the record; left out where the rule has none.
    """

    name: str
    formula: str
    matrix: tuple[tuple[Number, ...], ...]
    weights: dict[str, Number] | None
    weights_spread: dict[str, tuple[Number, ...]] | None
    thresholds: dict[str, Number] | None
    queue: QueueFigures | None = None
    costs: RecordCostFigures | None = None


class AbstentionFigures(Part):
    """Doubt beyond which a record is left to a person.

    Attributes:
        formula: Of the doubt.
        threshold: A record is left to a person where the doubt is above it.
        threshold_spread: Its 2.5 %, 50 % and 97.5 % quantiles over resamples; None where it is given and not fitted.
        share: Of the held-out records, those left to a person.
        error: Of the others, those decided wrongly; None where there are none.
    """

    formula: str
    threshold: Number
    threshold_spread: tuple[Number, Number, Number] | None
    share: Number
    error: Number | None


class CoverageFigures(Part):
    """Sets of classes that hold the true one as often as asked.

    Attributes:
        formula: `probabilities >= thresholds`.
        coverage: Share of the records of each class whose sets are to hold it.
        thresholds: By class.
        records: Held-out records by class.
        fewest_records: So many of these make a threshold the class's own.
        own_weight: By class, weight of its own records in its threshold; below 1 where there are fewer.
    """

    formula: str
    coverage: Number
    thresholds: dict[str, Number]
    records: dict[str, Count]
    fewest_records: Count
    own_weight: dict[str, Number]


class DecisionPriors(Part):
    """Class shares that the network learnt under, and those of train before augmentation."""

    implied: dict[str, Number]
    natural: dict[str, Number]


class FittedOn(Part):
    """The split that calibration and rule are fitted on, or `out_of_fold`, and its records by class."""

    split: str
    records: dict[str, Count]


class DecisionFigures(Part):
    """What metrics.json says of the decision.

    Attributes:
        version: Digest of the decision.
        settings: The experiment's `decision`.
        calibration: The calibration.
        rule: The decision rule.
        abstention: Which records are left to a person; left out where all are decided on.
        coverage: The sets; left out where none are asked for.
        unknown: Which records are called unknown; left out where none are.
    """

    version: str
    settings: dict[str, JsonValue]
    calibration: CalibrationFigures
    rule: RuleFigures
    abstention: AbstentionFigures | None = None
    coverage: CoverageFigures | None = None
    unknown: UnknownFigures | None = None


class Decision(Document):
    """How a model decides.

    Attributes:
        version: Digest of the rest; the version of the document's form has another key.
        classes: Names of the classes, in the order of the model's outputs.
        settings: The experiment's `decision`.
        calibration: The calibration.
        priors: Class shares.
        rule: The decision rule.
        fitted_on: What calibration and rule are fitted on.
        abstention: Which records are left to a person; left out where all are decided on.
        coverage: The sets; left out where none are asked for.
        unknown: Which records are called unknown; left out where none are.
    """

    FILE_NAME: ClassVar[str] = os.path.join("assets.extra", "decision.json")
    VERSION_KEY: ClassVar[str] = "document_version"

    version: str
    classes: tuple[str, ...]
    settings: dict[str, JsonValue]
    calibration: CalibrationFigures
    priors: DecisionPriors
    rule: RuleFigures
    fitted_on: FittedOn
    abstention: AbstentionFigures | None = None
    coverage: CoverageFigures | None = None
    unknown: UnknownFigures | None = None

    def figures(self) -> DecisionFigures:
        """Returns what metrics.json says of it."""
        there = [name for name in DecisionFigures.model_fields if name in self.model_fields_set]
        return DecisionFigures(**{name: getattr(self, name) for name in there})

    @property
    def asked_prior(self) -> dict[str, Number] | None:
        """The class shares of the place of use that the experiment names, by class; None where it names none."""
        asked = self.settings["prior"]
        if not isinstance(asked, dict):
            return None
        return {name: share for name, share in asked.items() if isinstance(share, int | float)}

    @property
    def person_costs(self) -> float | None:
        """What the experiment says that a record costs which is left to a person; None where it says nothing."""
        asked = self.settings.get("abstain")
        cost = asked.get("cost") if isinstance(asked, dict) else None
        return cost if isinstance(cost, int | float) else None

    def served_prior(self) -> dict[str, Number]:
        """Returns the class shares that the served probabilities assume."""
        return self.priors.natural if self.asked_prior is None else self.asked_prior
