"""Metrics: what a run measured, for programs; the public document of a run."""

import json
from typing import ClassVar, Literal

from pydantic import JsonValue, StrictBool

from core.documents.contender_results import ContenderResult
from core.documents.decision import DecisionFigures
from core.documents.decision_scores import AbstentionScores, CoverageScores, QueueScores
from core.documents.document import Document, Part
from core.documents.money import MoneyScores
from core.documents.scores import ClassScores, Confusion, SliceScores, Summary, UncalibratedScores
from core.documents.serving_report import ServingFigures
from core.documents.time_scores import TimeScores
from core.documents.tuning import SearchResult
from core.documents.unknown import UnknownScores
from core.documents.values import Count, Number


class GateCondition(Part):
    """One thing that the model had to hold to be pushed.

    Attributes:
        check: recall_lower_bound, recall_drop, macro_f1_drop, calibration_drop or better_than_majority.
        subject: The class it is about; empty for all of them.
        value: What was measured.
        limit: What it was measured against.
        passed: Whether it holds.
        sentence: The same for people.
    """

    check: str
    subject: str
    value: Number | None
    limit: Number | None
    passed: StrictBool
    sentence: str


class ClassPriors(Part):
    """Shares of train's classes, by class, each in [0, 1] with sum 1: before augmentation and after."""

    natural: dict[str, Number]
    training: dict[str, Number]


class Seconds(Part):
    """Time of a run: in all, of each stage, and of each contender where there are any."""

    total: Number
    stages: dict[str, Number]
    contenders: dict[str, Number] | None = None


class Metrics(Document):
    """What a run measured.

    Attributes:
        name: Name of the experiment.
        split: What it was measured on.
        n: Records of the split.
        blessed: Whether the model may be served.
        not_blessed_because: Why not, in sentences.
        summary: Scores of all classes together.
        per_class: Scores of each class, by name.
        confusion: Confusion counts.
        slices: Scores of parts of the split, by `column=value`.
        gate: Conditions of the promotion gate.
        decision: How the model decides.
        uncalibrated: Scores before calibration and rule.
        contenders: What plain baselines reached, by name.
        priors: Shares of train's classes.
        parameters: Numbers in the model.
        serving: How the exported model answered; left out where it was not tried.
        contenders_ahead: A sentence for each contender that is ahead of the model; left out without contenders.
        hyperparameters: Settings that the model was trained with; left out without a search.
        tuning: What the search found; left out without one.
        queue: What came of the queue on test; left out where the rule has none.
        abstention: What came of leaving records to a person; left out where all are decided on. `summary`, `per_class`
            and `confusion` are of what the rule decides, or would decide, for every record.
        coverage: What came of the prediction sets; left out where none are asked for.
        over_time: Scores of windows of test; left out where records have no times.
        unknown: How many test records are called unknown; left out where none can be.
        money: What the decisions cost on test; left out where no cost depends on the record.
        seconds: Time of the run; known only once it is over.
    """

    FILE_NAME: ClassVar[str] = "metrics.json"

    name: str
    split: Literal["test"]
    n: Count
    blessed: StrictBool
    not_blessed_because: tuple[str, ...]
    summary: Summary
    per_class: dict[str, ClassScores]
    confusion: Confusion
    slices: dict[str, SliceScores]
    gate: tuple[GateCondition, ...]
    decision: DecisionFigures
    uncalibrated: UncalibratedScores
    contenders: dict[str, ContenderResult]
    priors: ClassPriors
    parameters: Count
    serving: ServingFigures | None = None
    contenders_ahead: tuple[str, ...] = ()
    hyperparameters: dict[str, JsonValue] | None = None
    tuning: SearchResult | None = None
    queue: QueueScores | None = None
    abstention: AbstentionScores | None = None
    coverage: CoverageScores | None = None
    over_time: TimeScores | None = None
    unknown: UnknownScores | None = None
    money: MoneyScores | None = None
    seconds: Seconds | None = None

    @classmethod
    def experiment_of(cls, folder: str) -> str | None:
        """Returns the experiment's name out of a run's folder, whatever the version; None where there is none."""
        try:
            with open(cls.path(folder), "rb") as handle:
                content = json.loads(handle.read())
        except (OSError, ValueError):
            return None
        name = content.get("name") if isinstance(content, dict) else None
        return name if isinstance(name, str) else None

    def finished(self, seconds: Seconds) -> "Metrics":
        """Returns the document of a finished run: all times stand in one place, so that the rest is equal in equal runs.

        Args:
            seconds: Of the run and of its stages; those of the contenders are taken from their results.
        """
        taken = {
            name: result.seconds for name, result in self.contenders.items() if result.seconds is not None
        }
        of_contenders = {"contenders": taken} if taken else {}
        return self.model_copy(
            update={
                "contenders": {name: result.without_seconds() for name, result in self.contenders.items()},
                "seconds": Seconds(
                    total=round(seconds.total, 2),
                    stages={name: round(value, 2) for name, value in seconds.stages.items()},
                    **of_contenders,
                ),
            }
        )
