"""counterpoise report: show the per-class result of a finished run and open its report."""

import json
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
        from core.errors import InputError
        from pipeline.output.read_errors import explain_read_errors

        metrics, page = Path(directory, "metrics.json"), Path(directory, "report.html")
        if not metrics.is_file() or not page.is_file():
            raise InputError(
                f"{directory} holds no finished run: name the output folder of `counterpoise run`."
            )
        with explain_read_errors(metrics):
            table = per_class_table(json.loads(metrics.read_text(encoding="utf-8")))
        Console().print(table)
    print(page)
    if open_:
        typer.launch(str(page))
