"""The `counterpoise` command."""

import io
import json
import math
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
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
PushedFolder = Annotated[
    str, typer.Argument(metavar="DIR", help="Output folder of a run, or a folder of versions.")
]
PushedVersion = Annotated[int | None, typer.Option(min=1, help="The version; default: the highest.")]
BAD_INPUT = 2
_LONGEST_MESSAGE = 8_000


class BadRecords(str, Enum):
    """What to do with records that cannot be read."""

    fail = "fail"
    skip = "skip"


@contextmanager
def _clear_errors() -> Iterator[None]:
    """Turns an InputError, and what the system says of a path, into one message and exit status 2."""
    # Imported late, like everything in the commands, so that --help answers at once.
    from components.errors import InputError

    try:
        yield
    except InputError as error:
        _say(str(error))
        raise typer.Exit(BAD_INPUT) from None
    except OSError as error:
        if error.filename is None or error.strerror is None:
            raise
        _say(f"{os.fsdecode(error.filename)}: {error.strerror}.")
        raise typer.Exit(BAD_INPUT) from None


def _say(message: str) -> None:
    """Prints an error, of which others' names and values are a part, without what could steer a terminal."""
    from components.printable import printable, shortened

    lines = shortened(message, _LONGEST_MESSAGE).split("\n")
    text = "\n".join(map(printable, lines))
    Console(stderr=True, soft_wrap=True).print(f"Error: {text}", markup=False, highlight=False)


def _finite(value: float) -> float:
    # NaN is within any bounds.
    if not math.isfinite(value):
        raise typer.BadParameter(f"expected a finite number, received {value}.")
    return value


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
        from pipeline.damaged import reading

        metrics, page = Path(directory, "metrics.json"), Path(directory, "report.html")
        if not metrics.is_file() or not page.is_file():
            raise InputError(
                f"{directory} holds no finished run: name the output folder of `counterpoise run`."
            )
        with reading(metrics):
            table = per_class_table(json.loads(metrics.read_text(encoding="utf-8")))
        Console().print(table)
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
        int | None,
        typer.Option(min=1, help="Most rows in one batch; default: the experiment's serving.max_batch."),
    ] = None,
    batch_timeout_ms: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Longest wait for a batch to fill; default: the experiment's serving.batch_timeout_ms.",
        ),
    ] = None,
    op_threads: Annotated[
        int,
        typer.Option(
            min=1,
            help="Threads that compute one operation. 1 answers most requests a second; more answer a lone "
            "large request sooner.",
        ),
    ] = 1,
    max_request_mb: Annotated[int, typer.Option(min=1, help="Largest request, in MiB.")] = 64,
    max_image_pixels: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Most pixels an encoded image may declare; default, and never more than: the experiment's "
            "data.max_image_pixels.",
        ),
    ] = None,
) -> None:
    """Serve the pushed model over REST and gRPC, as TensorFlow Serving does, with a page to try it."""
    with _clear_errors():
        from components.errors import InputError
        from models.serving.server.place import NothingToServe, find_place
        from models.serving.server.serve import serve
        from models.serving.server.server_settings import ServerSettings

        settings = ServerSettings(
            host=host,
            port=port,
            grpc_port=grpc_port,
            max_batch=max_batch,
            batch_timeout_ms=batch_timeout_ms,
            op_threads=op_threads,
            max_request_bytes=max_request_mb * 2**20,
            max_image_pixels=max_image_pixels,
        )
        try:
            serve(find_place(directory, name), settings, print)
        except NothingToServe as error:
            raise InputError(str(error)) from error


@app.command()
def predict(
    directory: PushedFolder,
    data: Annotated[
        str,
        typer.Argument(
            metavar="INPUT", help="Table (CSV, Parquet, TFRecord), several by a pattern, or folder of images."
        ),
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE.csv", help="The answers, one row a record.")
    ] = "predictions.csv",
    version: PushedVersion = None,
    on_bad_record: Annotated[
        BadRecords, typer.Option(help="skip leaves out records that cannot be read.")
    ] = BadRecords.fail,
    max_image_pixels: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Most pixels an encoded image may declare; default, and never more than: the experiment's "
            "data.max_image_pixels.",
        ),
    ] = None,
    beam_arg: BeamArgs = None,
) -> None:
    """Score a table or a folder of images with the pushed model; the class may be unknown."""
    with _clear_errors():
        from components.printable import printable
        from models.serving.serving_file import allowed_pixels, read_served_as
        from pipeline.output_place import check_output_file
        from pipeline.pushed_model import find_pushed_model

        model = find_pushed_model(directory, version)
        check_output_file(output, "--output")
        # Damage to these files is found before TensorFlow is imported.
        model.features()
        model.classes()
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        from pipeline.predict import predict

        skip = on_bad_record is BadRecords.skip
        most_pixels = allowed_pixels(max_image_pixels, read_served_as(model.folder).max_image_pixels)
        done = predict(model, data, output, skip, most_pixels, beam_arg or [])
    errors = Console(stderr=True, soft_wrap=True)
    for note in done.notes:
        errors.print(f"Note: {printable(note)}", markup=False, highlight=False)
    for key, why in (*done.left_out, *done.files_left_out):
        errors.print(f"Left out: {printable(key)} {printable(why)}", markup=False, highlight=False)
    for sentence in done.mostly_unknown:
        errors.print(sentence, markup=False, highlight=False)
    print(f"{output}: {done.records} records, answered by {model.name}, version {model.version}")


@app.command()
def describe(
    directory: PushedFolder,
    version: PushedVersion = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with all that is known.")] = False,
) -> None:
    """Show what the pushed model takes and answers, and how it decides."""
    with _clear_errors():
        from components.errors import InputError
        from models.serving.describe import describe_model
        from models.serving.description_text import description_text
        from pipeline.damaged import reading
        from pipeline.pushed_model import find_pushed_model

        model = find_pushed_model(directory, version)
        try:
            description = describe_model(model.folder, model.name, model.version)
        except json.JSONDecodeError as error:
            raise InputError(f"{model.folder}: a file beside the model is damaged ({error}).") from error
        except ValueError as error:
            raise InputError(str(error)) from error
        with reading(model.folder):
            text = description_text(description)
    print(json.dumps(description, indent=1, ensure_ascii=False) if as_json else text)


@app.command()
def monitor(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="Output folder of a run that pushed.")],
    data: Annotated[
        str,
        typer.Argument(
            metavar="NEW_DATA",
            help="Table (CSV, Parquet, TFRecord), several by a pattern, or folder of images; labelled or not.",
        ),
    ],
    max_distance: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            callback=_finite,
            help="Farthest a column may lie from train, most that the shares of missing and unknown values may "
            "rise, and most the mean score may change. 0.1 is a tenth of the records gone to another category.",
        ),
    ] = 0.1,
    max_prior_ratio: Annotated[
        float,
        typer.Option(min=1, callback=_finite, help="Times by which a class's share may grow or shrink."),
    ] = 1.25,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Where all numbers are written.")
    ] = None,
) -> None:
    """Compare new data with what the pushed model was trained on, and say whether to retrain.

    Exit status: 0 no sign of drift; 3 drift; 2 bad input.
    """
    with _clear_errors():
        from pipeline.output_place import check_output_file
        from pipeline.pushed_model import find_pushed_model

        if json_file is not None:
            check_output_file(json_file, "--json")

        # Before TensorFlow is imported.
        find_pushed_model(directory)
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        # Of Google's libraries, about versions of Python.
        warnings.simplefilter("ignore", FutureWarning)
        from components.drift_watch.drift_report import Limits
        from pipeline.monitor import show_drift

        status = show_drift(directory, data, Limits(max_distance, max_prior_ratio), json_file, Console())
    raise typer.Exit(status)


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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name may hold what the terminal's encoding does not.
            stream.reconfigure(errors="backslashreplace")
    for word in sys.argv[1:]:
        if not word.isascii() and any("\ud800" <= character <= "\udfff" for character in word):
            _say(f"the argument {word!r} is not UTF-8 text. Rename the file or folder, or write it in UTF-8.")
            sys.exit(BAD_INPUT)
    app()
