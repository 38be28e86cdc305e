"""Errors on the command line: one message, exit status 2, no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

BAD_INPUT = 2
_LONGEST_MESSAGE = 8_000


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turns an InputError, and what the system says of a path, into one message and exit status 2."""
    # Imported late, like everything in the commands, so that --help answers at once.
    from core.errors import InputError
    from pipeline.path_errors import paths_as_input_errors

    try:
        with paths_as_input_errors():
            yield
    except InputError as error:
        print_error(str(error))
        raise typer.Exit(BAD_INPUT) from None


def print_error(message: str) -> None:
    """Prints an error, of which others' names and values are a part, without what could steer a terminal."""
    from core.printable import printable, shortened

    lines = shortened(message, _LONGEST_MESSAGE).split("\n")
    text = "\n".join(map(printable, lines))
    Console(stderr=True, soft_wrap=True).print(f"Error: {text}", markup=False, highlight=False)
