"""counterpoise strategies: find out which strategies for imbalanced data pay, then run the pipeline with them."""

import os
import time
from typing import Annotated

import typer
from rich.console import Console

from pipeline.commands.errors import clear_errors
from pipeline.commands.options import BeamArgs, ExperimentFile, RunFolder, Settings


def strategies(
    experiment: ExperimentFile,
    minutes: Annotated[
        float | None, typer.Option(metavar="M", help="Minutes of the whole command; default: no limit.")
    ] = None,
    seeds: Annotated[int, typer.Option(metavar="N", help="Trainings of each strategy, at least 2.")] = 3,
    only: Annotated[
        str | None,
        typer.Option(metavar="NAME,…", help="Strategies or families of them; default: all that fit."),
    ] = None,
    best: Annotated[
        str | None,
        typer.Option("-o", "--best", metavar="FILE.yaml", help="Also writes the best experiment there."),
    ] = None,
    output: RunFolder = None,
    parallel: Annotated[
        int, typer.Option(min=1, metavar="N", help="Trainings at the same time, each in its own process.")
    ] = 1,
    set_: Settings = None,
    beam_arg: BeamArgs = None,
) -> None:
    """Find out which strategies for imbalanced data pay, then run the pipeline with them.

    Each is one change to plain cross entropy, judged on eval or out of fold; those that pay are put together, trained
    and judged on test once. The same command goes on where it was stopped. Exit status: as that of `run`.
    """
    began = time.time()
    with clear_errors():
        from pipeline.config import load_experiment
        from pipeline.strategies.run_strategies import Wish, run_strategies

        loaded = load_experiment(experiment, set_ or [])
        folder = os.path.abspath(output or os.path.join("runs", f"{loaded.name}-strategies"))
        names = tuple(name.strip() for name in (only or "").split(",") if name.strip())
        wish = Wish(names, seeds, minutes, parallel, None if best is None else os.path.abspath(best), began)
        status = run_strategies(loaded, wish, folder, beam_arg or [], Console())
    raise typer.Exit(status)
