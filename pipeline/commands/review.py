"""counterpoise review: what a person should look at next, with boxes to tick."""

import os
from typing import Annotated

import typer
from rich.console import Console

from pipeline.commands.errors import clear_errors
from pipeline.commands.quiet import quieten_libraries

_SHOWN = 10


def review(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="Output folder of a finished run.")],
    new_data: Annotated[
        str | None,
        typer.Argument(
            metavar="[NEW_DATA]",
            help="Records without a class, of which half the list is then: a table (CSV, Parquet, TFRecord), several by a "
            "pattern, or a folder of images.",
            show_default=False,
        ),
    ] = None,
    number: Annotated[int, typer.Option("-n", "--number", min=1, help="Most records to list.")] = 100,
    output: Annotated[
        str,
        typer.Option(
            "-o", "--output", metavar="FILE.html", help="The page; a table FILE.csv is written beside it."
        ),
    ] = "review.html",
) -> None:
    """List what a person should look at next: doubtful labels, and new records worth one, rare classes in their turn.

    The page saves what is ticked as corrections.csv, which data.corrections in the experiment applies.
    """
    with clear_errors():
        from core.errors import InputError
        from pipeline.output.write_access import check_output_file
        from pipeline.review.finished_run import find_finished_run

        stem, ending = os.path.splitext(output)
        if ending.lower() not in (".html", ".htm"):
            raise InputError(f"--output: expected a file that ends in .html. Received: {output!r}.")
        table = f"{stem}.csv"
        for path in (output, table):
            check_output_file(path, "--output")
        # Before TensorFlow is imported.
        run = find_finished_run(directory)
        quieten_libraries()
        from pipeline.review.review_run import review_run

        done = review_run(run, new_data, number, output, table)
    from core.printable import printable

    console = Console(soft_wrap=True)
    for note in done.notes:
        console.print(note, markup=False, highlight=False)
    for one in done.items[:_SHOWN]:
        labelled = f", labelled {one.label!r}" if one.label is not None else ""
        console.print(
            f"{printable(one.key)}{labelled}: {printable(one.reason)}", markup=False, highlight=False
        )
    more = len(done.items) - _SHOWN
    if more > 0:
        console.print(f"and {more:,} more.", markup=False, highlight=False)
    print(f"{output}: {len(done.items):,} records to look at; {table}: the same as a table")
