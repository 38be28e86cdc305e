"""counterpoise tune: search over the experiment's settings, then run the whole pipeline with the best ones."""

from pipeline.commands.options import BeamArgs, ExperimentFile, RunFolder, Settings
from pipeline.commands.run import run


def tune(
    experiment: ExperimentFile,
    output: RunFolder = None,
    set_: Settings = None,
    beam_arg: BeamArgs = None,
) -> None:
    """Search over the experiment's settings, then run the whole pipeline with the best ones.

    A search that was stopped goes on where it was. Exit status: as that of `run`.
    """
    run(experiment, output, [*(set_ or []), "tuner.enabled=true"], beam_arg)
