"""Prepares an output folder for a run: removes what a killed one left, refuses what is foreign."""

import os
import shutil
from typing import IO

from pipeline.output.atomic_files import UNFINISHED
from pipeline.output.stale_folders import remove_leftovers

_SCRATCH = ".tmp"


def prepare_output(output: str, log: IO[bytes]) -> str:
    """Clears an output folder of leftovers and makes the folder of the run's temporary files.

    Args:
        output: The run's output folder; no run may be writing to it.
        log: Where what was removed is written down.

    Returns:
        The folder of temporary files.

    Raises:
        OutputError: The metadata store cannot be used, or does not belong to what else is there.
    """
    for path in remove_leftovers(output):
        log.write(f"Removed what an unfinished run left: {path}\n".encode())
    log.flush()
    for name in os.listdir(output):
        if name.startswith(".") and name.endswith(UNFINISHED):
            os.remove(os.path.join(output, name))
    scratch = os.path.join(output, _SCRATCH)
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    return scratch
