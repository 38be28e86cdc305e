"""The `counterpoise` command."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

app = typer.Typer(
    help="Imbalanced classification of images and tables, from raw data to a served model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ExperimentFile = Annotated[str, typer.Argument(metavar="EXPERIMENT.yaml", help="The experiment file.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="a.b=VALUE", help="Replaces a setting of the file; repeatable."),
]
BeamArgs = Annotated[
    list[str] | None,
    typer.Option("--beam-arg", metavar="--ARG=VALUE", help="Passed to Beam's runner as it is; repeatable."),
]
BAD_INPUT = 2


@contextmanager
def _clear_errors() -> Iterator[None]:
    """Turns an InputError into one message and exit status 2."""
    # Imported late, like everything in the commands, so that --help answers at once.
    from components.errors import InputError

    try:
        yield
    except InputError as error:
        Console(stderr=True, soft_wrap=True).print(f"Error: {error}", markup=False, highlight=False)
        raise typer.Exit(BAD_INPUT) from None


@app.command()
def init(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA", help="Folder of images by class, or a table (CSV, Parquet, TFRecord)."
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE.yaml", help="Default: the name of DATA, here."),
    ] = None,
    label: Annotated[
        str | None, typer.Option(metavar="NAME", help="Column of the class, where it is unclear.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Look at the data and write a commented experiment that fits them."""
    with _clear_errors():
        from pipeline.proposal.propose import propose
        from pipeline.proposal.show import show

        show(propose(data, output, label, force), Console())


@app.command()
def run(
    experiment: ExperimentFile,
    output: Annotated[str | None, typer.Option(metavar="DIR", help="Default: runs/<name>.")] = None,
    set_: Settings = None,
    beam_arg: BeamArgs = None,
) -> None:
    """Run the whole pipeline: data, training, evaluation, push, report.

    Exit status: 0 pushed; 3 finished but not blessed; 2 bad configuration or data; 1 anything else.
    """
    with _clear_errors():
        from pipeline.config import load_experiment
        from pipeline.run import run_experiment

        loaded = load_experiment(experiment, set_ or [])
        folder = os.path.abspath(output or os.path.join("runs", loaded.name))
        status = run_experiment(loaded, folder, beam_arg or [], Console())
    raise typer.Exit(status)


@app.command()
def report(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="Output folder of a run.")],
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open the report in the browser.")] = True,
) -> None:
    """Show the per-class result of a finished run and open its report."""
    with _clear_errors():
        from components.errors import InputError
        from components.html_report.terminal import per_class_table

        metrics, page = Path(directory, "metrics.json"), Path(directory, "report.html")
        if not metrics.is_file() or not page.is_file():
            raise InputError(
                f"{directory} holds no finished run: name the output folder of `counterpoise run`."
            )
        Console().print(per_class_table(json.loads(metrics.read_text(encoding="utf-8"))))
    print(page)
    if open_:
        typer.launch(str(page))


@app.command()
def compare(
    directories: Annotated[list[str], typer.Argument(metavar="DIR DIR…", help="Output folders of runs.")],
) -> None:
    """Put runs side by side on the test records they share, with intervals by paired bootstrap."""
    with _clear_errors():
        from pipeline.compare import show_comparison

        show_comparison(directories, Console())


@app.command("compile")
def compile_(
    experiment: ExperimentFile,
    image: Annotated[str, typer.Option(help="Container image with this project installed.")],
    root: Annotated[str, typer.Option(help="Folder of the stages' output, as in gs://bucket/runs.")],
    output: Annotated[str, typer.Option("-o", "--output", help="The compiled pipeline.")] = "pipeline.json",
    set_: Settings = None,
    beam_arg: BeamArgs = None,
) -> None:
    """Compile the same DAG for Kubeflow Pipelines or Vertex AI."""
    with _clear_errors():
        from pipeline.config import load_experiment
        from pipeline.kubeflow_runner import compile_pipeline

        compile_pipeline(load_experiment(experiment, set_ or []), output, image, root, beam_arg or [])
    print(output)


@app.command()
def tune(
    experiment: ExperimentFile,
    output: Annotated[str | None, typer.Option(metavar="DIR", help="Default: runs/<name>.")] = None,
    set_: Settings = None,
    beam_arg: BeamArgs = None,
) -> None:
    """Search over the experiment's settings, then run the whole pipeline with the best ones.

    A search that was stopped goes on where it was. Exit status: as that of `run`.
    """
    run(experiment, output, [*(set_ or []), "tuner.enabled=true"], beam_arg)


@app.command()
def serve(
    directory: Annotated[
        str, typer.Argument(metavar="DIR", help="Output folder of a run, or a folder of versions.")
    ],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of REST; 0 takes a free one.")] = 8501,
    grpc_port: Annotated[int, typer.Option(min=0, max=65535, help="Of gRPC; 0 takes a free one.")] = 8500,
    name: Annotated[str | None, typer.Option(help="The model's name; default: the run's.")] = None,
    max_batch: Annotated[
        int | None, typer.Option(min=1, help="Most rows in one batch; default: serving.max_batch's.")
    ] = None,
    batch_timeout_ms: Annotated[
        int | None,
        typer.Option(min=0, help="Longest wait for a batch to fill; default: serving.batch_timeout_ms's."),
    ] = None,
    max_request_mb: Annotated[int, typer.Option(min=1, help="Largest request, in MiB.")] = 64,
    max_image_pixels: Annotated[
        int, typer.Option(min=1, help="Most pixels an encoded image may declare.")
    ] = 50_000_000,
) -> None:
    """Serve the pushed model over REST and gRPC, as TensorFlow Serving does, with a page to try it."""
    with _clear_errors():
        from components.errors import InputError
        from models.serving.server.place import NothingToServe, find_place
        from models.serving.server.serve import serve
        from models.settings import ServingSettings

        batching = ServingSettings()
        settings = {
            "host": host,
            "port": port,
            "grpc_port": grpc_port,
            "max_batch": max_batch or batching.max_batch,
            "batch_timeout_ms": batching.batch_timeout_ms if batch_timeout_ms is None else batch_timeout_ms,
            "max_request_bytes": max_request_mb * 2**20,
            "max_image_pixels": max_image_pixels,
        }
        try:
            serve(find_place(directory, name), settings, print)
        except NothingToServe as error:
            raise InputError(str(error)) from error


@app.command()
def predict(directory: Annotated[str, typer.Argument(metavar="DIR", help="Output folder of a run.")]) -> None:
    """Score a table or folder with the pushed model (not available yet)."""
    _not_available("predict", f"tf.saved_model.load takes a version in {directory}/serving as it is")


def _not_available(command: str, instead: str) -> None:
    Console(stderr=True, soft_wrap=True).print(
        f"Error: `counterpoise {command}` is not available yet: {instead}.", markup=False, highlight=False
    )
    raise typer.Exit(BAD_INPUT)


@app.command("config-schema")
def config_schema() -> None:
    """Print the JSON Schema of experiment files, for editors."""
    from pipeline.config import Experiment

    schema: dict[str, Any] = Experiment.model_json_schema(by_alias=True)
    # Left out, the name is that of the file.
    schema["required"] = [key for key in schema["required"] if key != "name"]
    print(json.dumps(schema, indent=2))


def main() -> None:
    """Runs the command."""
    app()
