"""counterpoise report: show the per-class result of a finished run and open its report."""

from typing import Annotated

import typer
from rich.console import Console

from pipeline.commands.errors import clear_errors


def report(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="Output folder of a run.")],
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open the report in the browser.")] = True,
) -> None:
    """Show the per-class result of a finished run and open its report."""
    with clear_errors():
        from components.html_report.terminal import per_class_table
        from pipeline.finished_run import find_finished_run

        metrics, page = find_finished_run(directory)
        Console().print(per_class_table(metrics))
    print(page)
    if open_:
        typer.launch(str(page))
