"""Plan of a search for the strategies that pay, and the functions by which its rooms call each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from pydantic import Field, JsonValue

from core.documents.strategies import FigureDifference, Verdict
from core.named_in_data import ClassName
from core.settings import Settings


class PlannedStrategy(Settings):
    """A strategy that fits the data."""

    name: str = Field(min_length=1, description="Names it.")
    family: str = Field(min_length=1, description="What of a training it changes.")
    settings: dict[str, JsonValue] = Field(
        default_factory=dict, description="Dotted keys with the values put over those of plain cross entropy."
    )
    rule: str | None = Field(
        None, description="Decision rule, of one that decides otherwise and trains alike."
    )
    cost: float = Field(1.0, gt=0, description="Guess at its time, as a multiple of plain cross entropy's.")


class LeftOutStrategy(Settings):
    """A strategy that does not fit."""

    name: str = Field(min_length=1, description="Names it.")
    reason: str = Field(description="Why it does not fit, in a sentence.")


class StrategyPlan(Settings):
    """What is tried, in which order, and how often."""

    strategies: tuple[PlannedStrategy, ...] = Field(min_length=1, description="In the order of their turns.")
    does_not_fit: tuple[LeftOutStrategy, ...] = Field((), description="What is not tried, and why.")
    prior: dict[ClassName, float] | None = Field(
        None,
        description="Class shares that decisions are drawn for, where the experiment names them; null is train's.",
    )
    seeds: int = Field(
        3, ge=2, le=100, description="Trainings of each strategy, with a seed of its own each."
    )
    folds: int | None = Field(
        None, ge=2, description="Folds that judge; null is as many as the experiment trains with."
    )
    parallel: int = Field(1, ge=1, description="Trainings at the same time, each in a process of its own.")
    minutes: float | None = Field(None, gt=0, description="Minutes of the whole command; null is no limit.")


@dataclass(frozen=True)
class HeldOutAnswers:
    """What a network answered to records that it learnt nothing of.

    Attributes:
        labels: Class indices, int64 `(n,)`.
        units: Number of the set that each record belongs to, int64 `(n,)`, 0 for one on its own.
        probabilities: Float32 `(n, classes)`.
        prior: Class shares that the network learnt under, `(classes,)`.
    """

    labels: np.ndarray
    units: np.ndarray
    probabilities: np.ndarray
    prior: np.ndarray


@dataclass(frozen=True)
class ClassFacts:
    """What of the classes a judge needs to know.

    Attributes:
        counts: Records of each class in train.
        prior: Class shares that decisions are drawn for, where the experiment names them, or None.
    """

    counts: Sequence[int]
    prior: Sequence[float] | None = None


@dataclass(frozen=True)
class Combination:
    """Strategies that go into a training together.

    Attributes:
        names: Their names; none is plain cross entropy.
        rule: Decision rule.
    """

    names: tuple[str, ...] = ()
    rule: str = "argmax"


@dataclass(frozen=True)
class Standing:
    """How a combination of strategies stands against a baseline.

    Attributes:
        difference: Of macro-F1.
        verdict: What follows from all figures that decide.
    """

    difference: FigureDifference
    verdict: Verdict


# The answers of the networks of a combination, by the number of the seed.
AnswersBySeed = Mapping[int, HeldOutAnswers]


class JudgeFn(Protocol):
    """What the search calls to know which strategies are worth being tried together."""

    def __call__(
        self,
        classes: ClassFacts,
        baseline: tuple[str, AnswersBySeed],
        strategies: Mapping[str, tuple[str, AnswersBySeed]],
        looked_at: int,
        /,
    ) -> Mapping[str, Standing]:
        """Holds combinations against a baseline.

        Args:
            classes: What of the classes decides.
            baseline: The baseline's decision rule and answers.
            strategies: Those of each combination, by any name.
            looked_at: Number of comparisons that the intervals hold for together.
        """


class AugmentFn(Protocol):
    """What the search calls to have new records made before a training."""

    def __call__(
        self, examples: str, transform_graph: str, augmentation: Mapping[str, Any], seed: int, folder: str, /
    ) -> None:
        """Writes the splits train and eval of transformed examples with train rebalanced.

        Args:
            examples: Folder of the transformed examples, a folder `Split-<name>` for each split.
            transform_graph: Folder of Transform's graph.
            augmentation: The settings `augmentation` as JSON.
            seed: Decides everything random.
            folder: Gets folders of the same names.
        """


@dataclass(frozen=True)
class SearchTask:
    """What a search is given.

    Attributes:
        examples: Folder of the transformed examples, a folder `Split-<name>` for each split.
        transform_graph: Folder of Transform's graph.
        training: What the Trainer takes as its `custom_config`, with the settings of plain cross entropy.
        plan: What is tried.
        folder: Where searches are kept, so that one that was killed goes on.
        judge_fn: Dotted path of a JudgeFn.
        augment_fn: Dotted path of an AugmentFn.
    """

    examples: str
    transform_graph: str
    training: Mapping[str, Any]
    plan: StrategyPlan
    folder: str
    judge_fn: str
    augment_fn: str


@dataclass(frozen=True)
class TrainedCombination:
    """Trainings of a combination of strategies.

    Attributes:
        combination: What was trained.
        answers: By the number of the seed, of trainings that succeeded.
        seconds: Mean time of these.
        parameters: Numbers in the network.
        failed: Reasons of trainings that failed.
    """

    combination: Combination
    answers: AnswersBySeed
    seconds: float | None
    parameters: int | None
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Addition:
    """A strategy that was added to those chosen before it, how both stand, and whether it stays."""

    combination: Combination
    added: str
    standing: Standing
    taken: bool


@dataclass(frozen=True)
class SearchOutcome:
    """What a search came to.

    Attributes:
        names: Names of the classes.
        classes: What of them decides.
        plain: Plain cross entropy.
        singles: Each strategy as one change to it, as far as tried.
        together: Several at once.
        additions: The search for several at once.
        chosen: What is to be trained.
        looked_at: Comparisons with plain cross entropy that the intervals hold for together.
        out_of_time: Names of strategies that there was no time for.
    """

    names: Sequence[str]
    classes: ClassFacts
    plain: TrainedCombination
    singles: Sequence[TrainedCombination]
    together: Sequence[TrainedCombination]
    additions: Sequence[Addition]
    chosen: Combination
    looked_at: int
    out_of_time: Sequence[str] = field(default_factory=tuple)


class StrategySearchFn(Protocol):
    """What StrategySearch calls as `search_fn`."""

    def __call__(self, task: SearchTask, /) -> SearchOutcome:
        """Searches, or goes on with a search that the same settings and data have begun."""
