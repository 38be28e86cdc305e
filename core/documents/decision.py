"""Decision: how a SavedModel decides, as DecisionCalibrator writes it beside the model."""

import os
from typing import ClassVar

from pydantic import JsonValue

from core.documents.document import Document, Part
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
    """

    name: str
    formula: str
    matrix: tuple[tuple[Number, ...], ...]
    weights: dict[str, Number] | None
    weights_spread: dict[str, tuple[Number, ...]] | None
    thresholds: dict[str, Number] | None
    queue: QueueFigures | None = None


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
    """

    version: str
    settings: dict[str, JsonValue]
    calibration: CalibrationFigures
    rule: RuleFigures


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

    def figures(self) -> DecisionFigures:
        """Returns what metrics.json says of it."""
        return DecisionFigures(
            version=self.version, settings=self.settings, calibration=self.calibration, rule=self.rule
        )

    @property
    def asked_prior(self) -> dict[str, Number] | None:
        """The class shares of the place of use that the experiment names, by class; None where it names none."""
        asked = self.settings["prior"]
        if not isinstance(asked, dict):
            return None
        return {name: share for name, share in asked.items() if isinstance(share, int | float)}

    def served_prior(self) -> dict[str, Number]:
        """Returns the class shares that the served probabilities assume."""
        return self.priors.natural if self.asked_prior is None else self.asked_prior
