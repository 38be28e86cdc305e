"""counterpoise config-schema: print the JSON Schema of experiment files, or of metrics.json."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer


def config_schema(
    metrics: Annotated[
        bool, typer.Option("--metrics", help="The schema of metrics.json, for programs that read it.")
    ] = False,
) -> None:
    """Print the JSON Schema of experiment files, for editors."""
    print(json.dumps(_metrics_schema() if metrics else _experiment_schema(), indent=2))


def _metrics_schema() -> Mapping[str, Any]:
    from core.documents.metrics import Metrics

    return Metrics.json_schema()


def _experiment_schema() -> Mapping[str, Any]:
    from pipeline.config import Experiment

    schema = Experiment.model_json_schema(by_alias=True)
    # Left out, the name is that of the file.
    schema["required"] = [key for key in schema["required"] if key != "name"]
    return schema
