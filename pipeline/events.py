"""Events that the working process of a run sends to the one that shows them, one JSON object a line."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, TypedDict


class PlanEvent(TypedDict):
    """The stages that the run has, in their order."""

    kind: Literal["plan"]
    stages: list[str]


class StageEvent(TypedDict):
    """A stage begins (`running`) or ends (`done`, `cached` or `failed`)."""

    kind: Literal["stage"]
    stage: str
    state: str
    seconds: float


class EpochEvent(TypedDict):
    """Training is at a step of an epoch; at its end with the epoch's figures."""

    kind: Literal["epoch"]
    epoch: int
    epochs: int
    step: int
    steps: int
    figures: dict[str, float]


class TrialEvent(TypedDict):
    """A trial of a search begins (`running`) or ends (`completed` or `failed`), with the best so far."""

    kind: Literal["trial"]
    trial: int
    trials: int
    state: str
    settings: Mapping[str, Any]
    objective: str
    score: float | None
    best: float | None
    best_trial: int | None
    seconds: float
    message: str


class NoteEvent(TypedDict):
    """Something that the person at the terminal should know."""

    kind: Literal["note"]
    text: str


class AccountEvent(TypedDict):
    """What became of the data: a SplitSummary as JSON."""

    kind: Literal["account"]
    summary: Mapping[str, Any]


class StrategiesEvent(TypedDict):
    """The strategies are compared: Strategies as JSON, and the experiment that was made of those that pay."""

    kind: Literal["strategies"]
    found: Mapping[str, Any]
    best: str


class EndEvent(TypedDict):
    """The run ended early: for bad data or configuration, or by a failure."""

    kind: Literal["input_error", "failure"]
    message: str


class ResultEvent(TypedDict):
    """The run is over: Metrics as JSON, and where its results are."""

    kind: Literal["result"]
    metrics: Mapping[str, Any]
    pushed: str | None
    predictions: str | None
    new_data_left_out: list[str]


Event: TypeAlias = (
    PlanEvent
    | StageEvent
    | EpochEvent
    | TrialEvent
    | NoteEvent
    | AccountEvent
    | StrategiesEvent
    | EndEvent
    | ResultEvent
)
