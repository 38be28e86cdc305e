"""Command line `counterpoise`: one row for each command."""

import io
import sys

import typer

from pipeline.commands.compare import compare
from pipeline.commands.compile import compile_
from pipeline.commands.config_schema import config_schema
from pipeline.commands.describe import describe
from pipeline.commands.errors import BAD_INPUT, print_error
from pipeline.commands.init import init
from pipeline.commands.monitor import monitor
from pipeline.commands.predict import predict
from pipeline.commands.report import report
from pipeline.commands.review import review
from pipeline.commands.run import run
from pipeline.commands.serve import serve
from pipeline.commands.strategies import strategies
from pipeline.commands.tune import tune

app = typer.Typer(
    help="Imbalanced classification of images and tables, from raw data to a served model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# In the order in which `counterpoise --help` lists them.
for _command in (
    init,
    run,
    report,
    compare,
    compile_,
    tune,
    strategies,
    serve,
    predict,
    describe,
    monitor,
    review,
    config_schema,
):
    app.command(_command.__name__.rstrip("_").replace("_", "-"))(_command)


def main() -> None:
    """Runs the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name may hold what the terminal's encoding does not.
            stream.reconfigure(errors="backslashreplace")
    for word in sys.argv[1:]:
        if not word.isascii() and any("\ud800" <= character <= "\udfff" for character in word):
            print_error(
                f"the argument {word!r} is not UTF-8 text. Rename the file or folder, or write it in UTF-8."
            )
            sys.exit(BAD_INPUT)
    app()
