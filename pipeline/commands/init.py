"""counterpoise init: look at the data and write a commented experiment that fits them."""

from typing import Annotated

import typer
from rich.console import Console

from pipeline.commands.errors import clear_errors


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
    with clear_errors():
        from pipeline.proposal.print_proposal import print_proposal
        from pipeline.proposal.propose import propose

        print_proposal(propose(data, output, label, force), Console())
