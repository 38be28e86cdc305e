"""Turns what the system says of a path into an error that a person can act on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import InputError


@contextmanager
def paths_as_input_errors() -> Iterator[None]:
    """Raises an InputError in place of an OSError that names a file, such as one that must not be read."""
    try:
        yield
    except OSError as error:
        if error.filename is None or error.strerror is None:
            raise
        raise InputError(f"{os.fsdecode(error.filename)}: {error.strerror}.") from error
