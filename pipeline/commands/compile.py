"""counterpoise compile: compile the same DAG for Kubeflow Pipelines or Vertex AI."""

from typing import Annotated

import typer

from pipeline.commands.errors import clear_errors
from pipeline.commands.options import BeamArgs, ExperimentFile, Settings


def compile_(
    experiment: ExperimentFile,
    image: Annotated[str, typer.Option(help="Container image with this project installed.")],
    root: Annotated[str, typer.Option(help="Folder of the stages' output, as in gs://bucket/runs.")],
    output: Annotated[str, typer.Option("-o", "--output", help="The compiled pipeline.")] = "pipeline.json",
    set_: Settings = None,
    beam_arg: BeamArgs = None,
) -> None:
    """Compile the same DAG for Kubeflow Pipelines or Vertex AI."""
    with clear_errors():
        from pipeline.config import load_experiment
        from pipeline.configuration.auto_recipe import with_auto_recipe_of_local_data
        from pipeline.kubeflow_runner import compile_pipeline

        loaded, chosen = with_auto_recipe_of_local_data(load_experiment(experiment, set_ or []))
        compile_pipeline(loaded, output, image, root, beam_arg or [])
    if chosen is not None:
        print(chosen)
    print(output)
