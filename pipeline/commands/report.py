"""counterpoise report: show the per-class result of a finished run and open its report."""

from pathlib import Path
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
        from core.documents.metrics import Metrics
        from core.errors import InputError
        from core.file_names import REPORT_PAGE

        metrics, page = Path(Metrics.path(directory)), Path(directory, REPORT_PAGE)
        if not metrics.is_file() or not page.is_file():
            raise InputError(
                f"{directory} holds no finished run: name the output folder of `counterpoise run`."
            )
        table = per_class_table(Metrics.read(directory))
        Console().print(table)
    print(page)
    if open_:
        typer.launch(str(page))
