"""counterpoise run: run the whole pipeline: data, training, evaluation, push, report."""

import os

import typer
from rich.console import Console

from pipeline.commands.errors import clear_errors
from pipeline.commands.options import BeamArgs, ExperimentFile, Fast, Quality, RunFolder, Settings


def run(
    experiment: ExperimentFile,
    output: RunFolder = None,
    set_: Settings = None,
    beam_arg: BeamArgs = None,
    quality: Quality = None,
    fast: Fast = False,
) -> None:
    """Run the whole pipeline: data, training, evaluation, push, report.

    Exit status: 0 pushed; 3 finished but not blessed; 2 bad configuration or data; 1 anything else.
    """
    with clear_errors():
        from pipeline.commands.quality import quality_settings
        from pipeline.config import load_experiment
        from pipeline.run import run_experiment

        loaded = load_experiment(experiment, [*(set_ or []), *quality_settings(quality, fast)])
        folder = os.path.abspath(output or os.path.join("runs", loaded.name))
        status = run_experiment(loaded, folder, beam_arg or [], Console())
    raise typer.Exit(status)
