"""Explains errors in reading a run's files: such a file is damaged."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import InputError

# What readers of JSON, arrays and graphs say of content that they did not expect.
_SIGNS = (ValueError, LookupError, TypeError, AttributeError, EOFError, RecursionError, zipfile.BadZipFile)


@contextmanager
def explain_read_errors(path: object, way_out: str = "Run the experiment again.") -> Iterator[None]:
    """Turns what goes wrong while a run's file is read into one sentence.

    Args:
        path: The file.
        way_out: What to do.

    Raises:
        InputError: It could not be read.
    """
    try:
        yield
    except _SIGNS as err:
        raise InputError(f"{path} is damaged, or no file of a run ({type(err).__name__}). {way_out}") from err
