"""counterpoise compare: put runs side by side on the test records they share, with intervals by paired bootstrap."""

from typing import Annotated

import typer
from rich.console import Console

from pipeline.commands.errors import clear_errors


def compare(
    directories: Annotated[list[str], typer.Argument(metavar="DIR DIR…", help="Output folders of runs.")],
) -> None:
    """Put runs side by side on the test records they share, with intervals by paired bootstrap."""
    with clear_errors():
        from pipeline.compare_runs import show_comparison

        show_comparison(directories, Console())
