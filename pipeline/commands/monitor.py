"""counterpoise monitor: compare new data with what the pushed model was trained on, and say whether to retrain."""

import math
from typing import Annotated

import typer
from rich.console import Console

from pipeline.commands.errors import clear_errors
from pipeline.commands.quiet import quieten_libraries


def _finite(value: float) -> float:
    # NaN is within any bounds.
    if not math.isfinite(value):
        raise typer.BadParameter(f"expected a finite number, received {value}.")
    return value


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
        typer.Option(
            min=1,
            callback=_finite,
            help="Times by which a class's share may grow or shrink, and the share of a queue, of abstentions or of unknown records.",
        ),
    ] = 1.25,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Where all numbers are written.")
    ] = None,
) -> None:
    """Compare new data with what the pushed model was trained on, and say whether to retrain.

    Exit status: 0 no sign of drift; 3 drift; 2 bad input.
    """
    with clear_errors():
        from pipeline.output.write_access import check_output_file
        from pipeline.pushed_model import find_pushed_model

        if json_file is not None:
            check_output_file(json_file, "--json")

        # Before TensorFlow is imported.
        find_pushed_model(directory)
        quieten_libraries()
        from components.drift_watch.drift_report import Limits
        from pipeline.drift.show_drift import show_drift

        status = show_drift(directory, data, Limits(max_distance, max_prior_ratio), json_file, Console())
    raise typer.Exit(status)
