"""Tuner section of an experiment: the search before training."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from core.settings import Settings
from models.settings.base import known
from models.settings.training import Monitor
from models.tuning.dimension import Dimension


class TunerSettings(Settings):
    """Search for hyperparameters before training."""

    enabled: bool = Field(False, description="Whether to search at all; `counterpoise tune` sets it.")
    algorithm: Literal["hyperband", "random", "bayesian", "grid"] = Field(
        "hyperband",
        description="How the next trial is chosen: hyperband tries many for few epochs and trains the best of them for "
        "longer, bayesian learns from the trials so far, grid goes through all values in turn.",
    )
    objective: Annotated[str, known(*get_args(Monitor))] | None = Field(
        None,
        description="Figure of the eval split that ranks the trials; null is val_average_precision of two classes and "
        "val_macro_f1 of more.",
    )
    max_trials: int = Field(20, ge=1, description="Most trials to run.")
    max_minutes: float | None = Field(
        None, gt=0, description="Minutes after which no further trial begins; null is no limit."
    )
    epochs: int | None = Field(
        None, ge=1, description="Most epochs of a trial; null is those of `training.epochs`."
    )
    by_folds: bool = Field(
        False,
        description="Whether a trial is scored by training.folds networks, each on the fold that it was not trained on, "
        "and not by one on eval: as many times slower, and less left to chance.",
    )
    pruning: bool = Field(
        True,
        description="Whether a trial stops whose figure falls behind the median of those before it; hyperband does so "
        "in its own way.",
    )
    parallel: int = Field(1, ge=1, description="Trials that run at the same time, each in its own process.")
    space: dict[str, Dimension] = Field(
        default_factory=dict,
        description="Settings to search over, by key: {choice: [...]}, {float: [least, greatest], log: true} or "
        "{int: [least, greatest]}; empty takes those that fit the data. May be written in a setting's place as well.",
    )
