"""Compares strategies and runs the experiment of those that pay, in one process of its own."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from core.errors import InputError
from core.file_names import BEGAN_VARIABLE
from core.strategy_plan import StrategyPlan
from pipeline.config import Experiment
from pipeline.configuration.auto_recipe import with_auto_recipe
from pipeline.configuration.check_with_data import check_with_data
from pipeline.output.write_access import check_output_file, check_output_folder
from pipeline.run import run_in_process
from pipeline.strategies.check_minutes import check_minutes
from pipeline.strategies.plain import plain_experiment
from pipeline.strategies.plan_strategies import plan_strategies

_FEWEST_SEEDS, _MOST_SEEDS = 2, 100


@dataclass(frozen=True)
class Wish:
    """What the command line asks for.

    Attributes:
        only: Names of strategies or families; none is all.
        seeds: Trainings of each.
        minutes: Of the whole command; None is no limit.
        parallel: Trainings at the same time.
        best: File that also gets the best experiment, or None.
        began: When the command began, by the clock of `time.time`.
    """

    only: Sequence[str]
    seeds: int
    minutes: float | None
    parallel: int
    best: str | None
    began: float


def run_strategies(
    experiment: Experiment, wish: Wish, output: str, beam_args: list[str], console: Console
) -> int:
    """Compares the strategies that fit, and runs the pipeline with those that pay.

    Args:
        experiment: Whose data, network and training are taken; what it says of strategies itself is left out.
        wish: What is asked for.
        output: Folder of the results; made where it does not exist.
        beam_args: Arguments of Beam's runner.
        console: Where progress and result are shown.

    Returns:
        Exit status, as `run_experiment` returns it.

    Raises:
        InputError: Bad data or options, or an output folder that cannot be written to.
    """
    _check(wish)
    check_output_folder(output)
    if wish.best is not None:
        check_output_file(wish.best, "-o")
    experiment, counts = check_with_data(experiment)
    experiment, _ = with_auto_recipe(experiment, counts)
    plain = plain_experiment(experiment)
    plan = plan_strategies(plain, wish.only, wish.seeds, wish.minutes, wish.parallel)
    check_minutes(wish.minutes, plain, counts)
    console.print(
        f"{len(plan.strategies)} strategies fit, each one change to plain cross entropy, {plan.seeds} seeds each, judged "
        f"{_judged_by(plain, plan)}; {len(plan.does_not_fit)} do not fit.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    if experiment.model.tabular.trees.enabled:
        console.print(
            "Trees are left out: strategies are about the network. Put model.tabular.trees back into the experiment that "
            "is written to have both.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    os.environ[BEGAN_VARIABLE] = repr(wish.began)
    return run_in_process(plain, output, beam_args, console, plan, wish.best)


def _judged_by(plain: Experiment, plan: StrategyPlan) -> str:
    if plain.training.folds == 1:
        return "on eval"
    if plan.folds is None:
        return "out of fold"
    return f"out of fold, by {plan.folds} folds in place of {plain.training.folds} as --minutes is given"


def _check(wish: Wish) -> None:
    if not _FEWEST_SEEDS <= wish.seeds <= _MOST_SEEDS:
        raise InputError(
            f"--seeds must be {_FEWEST_SEEDS} to {_MOST_SEEDS}: how much a seed changes cannot be told of one. Received: "
            f"--seeds {wish.seeds}. Set it to 3, or leave it out."
        )
    if wish.minutes is not None and not (math.isfinite(wish.minutes) and wish.minutes > 0):
        raise InputError(
            f"--minutes must be a number above 0. Received: --minutes {wish.minutes:g}. Leave it out for no limit."
        )
