"""Locks an output folder for one run at a time."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from filelock import lock_descriptor

from core.errors import InputError
from pipeline.output.write_access import LOCK_FILE

# What a killed run has started follows it within this time.
_SECONDS_TO_DIE = 10.0
_SECONDS_BETWEEN_TRIES = 0.1


@contextmanager
def run_lock(output: str, seconds: float = _SECONDS_TO_DIE) -> Iterator[IO[str]]:
    """Holds the output folder for one run; the kernel lets go of it however the process ends.

    The lock is on the open file, not on its path: a process that inherits the descriptor holds it too, until the
    last of them has closed it or died. So it is never unlocked, which would take it from the others, but closed.

    Args:
        output: The folder, which exists.
        seconds: Longest wait for another run to end.

    Yields:
        The lock file, open.

    Raises:
        InputError: Another run still holds the folder.
    """
    with open(os.path.join(output, LOCK_FILE), "a") as handle:
        deadline = time.monotonic() + seconds
        while not lock_descriptor(handle.fileno(), blocking=False):
            if time.monotonic() > deadline:
                raise InputError(
                    f"Another run is writing to {output}. Wait for it to end, or give another folder with "
                    "--output."
                )
            time.sleep(_SECONDS_BETWEEN_TRIES)
        yield handle
