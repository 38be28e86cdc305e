"""Strategies: what each strategy for imbalanced data was worth on these data, as StrategySearch writes it."""

from typing import ClassVar, Literal

from pydantic import Field, JsonValue, StrictBool

from core.documents.document import Document, Part
from core.documents.values import Count, Number

Verdict = Literal["pays", "hurts", "cannot be told"]
PAYS_BY = ("macro_f1", "balanced_accuracy")


class FigureDifference(Part):
    """A figure's difference to the baseline, and the ends of its interval; None where it is not known."""

    value: Number | None
    low: Number | None
    high: Number | None


class TriedStrategy(Part):
    """A strategy, or several together, that was trained.

    Attributes:
        names: The strategies.
        family: What of a training they change; empty for several together, and for plain cross entropy.
        settings: Dotted keys with the values put over those of plain cross entropy.
        seeds: Trainings that succeeded.
        figures: Mean over the seeds of each figure.
        differences: Figure to the difference to plain cross entropy; empty for plain cross entropy itself, and where
            every training failed.
        verdict: What follows from them; None where there are none.
        seconds: Mean time of a training.
        parameters: Numbers in the network.
        failed: Reasons of trainings that failed.
    """

    names: tuple[str, ...]
    family: str
    settings: dict[str, JsonValue]
    seeds: Count
    figures: dict[str, Number | None]
    differences: dict[str, FigureDifference]
    verdict: Verdict | None
    seconds: Number | None
    parameters: Count | None
    failed: tuple[str, ...] = ()


class GreedyStep(Part):
    """A strategy that was added to those chosen before it.

    Attributes:
        names: All of them together.
        added: The one added.
        difference: Of macro-F1 to those before.
        verdict: What follows.
        taken: Whether it stays.
    """

    names: tuple[str, ...]
    added: str
    difference: FigureDifference
    verdict: Verdict
    taken: StrictBool


class NotTried(Part):
    """A strategy that was not tried, and why."""

    name: str
    reason: str


class Strategies(Document):
    """What was found.

    Attributes:
        judged_by: The records that answers are judged by: of eval, or out of fold.
        records: Their number.
        folds: Folds that judged, where they are others than those of the experiment.
        per_class: Their number by class; empty in documents of before it was counted.
        seeds: Trainings of each strategy that were asked for.
        rarest: The class whose average precision is measured.
        groups: Group of classes, by their number of records, to its classes.
        looked_at: Strategies that the error rate is shared out over.
        plain: Plain cross entropy.
        singles: Each strategy as one change to it, in the order in which they were tried.
        together: Several at once, in that order.
        steps: The search for several at once.
        chosen: What is trained; empty for plain cross entropy.
        decision_prior: Class shares that the chosen network learnt under, by class; None where they are those of train.
        out_of_time: Strategies that fit the data, and for which there was no time.
        does_not_fit: Those that do not go with the data or the experiment.
    """

    FILE_NAME: ClassVar[str] = "strategies.json"

    judged_by: Literal["eval", "out of fold"]
    records: Count
    seeds: Count
    rarest: str
    groups: dict[str, tuple[str, ...]]
    looked_at: Count
    plain: TriedStrategy
    singles: tuple[TriedStrategy, ...]
    together: tuple[TriedStrategy, ...]
    steps: tuple[GreedyStep, ...]
    chosen: tuple[str, ...]
    decision_prior: dict[str, Number] | None
    out_of_time: tuple[NotTried, ...]
    does_not_fit: tuple[NotTried, ...]
    folds: Count | None = None
    per_class: dict[str, Count] = Field(default_factory=dict)
