"""Checks write access to where results go, before anything is computed."""

import os
import stat
import tempfile

from core.documents.metrics import Metrics
from core.documents.strategies import Strategies
from core.errors import InputError
from core.file_names import (
    BEST_EXPERIMENT,
    PREDICTIONS_TABLE,
    REPORT_PAGE,
    SPLITS_TABLE,
    STRATEGIES_TABLE,
    TEST_RECORDS,
    TRIALS_TABLE,
)
from core.printable import shortened

LOG_FILE, LOCK_FILE = "run.log", ".lock"
# What a run writes into its output folder.
_FILES = (
    *(
        LOCK_FILE,
        LOG_FILE,
        "metadata.sqlite",
        REPORT_PAGE,
        Metrics.FILE_NAME,
        SPLITS_TABLE,
        TEST_RECORDS,
    ),
    *(TRIALS_TABLE, PREDICTIONS_TABLE, STRATEGIES_TABLE, Strategies.FILE_NAME, BEST_EXPERIMENT),
)
_FOLDERS = ("artifacts", "serving", "tuning")
# SQLite takes paths of 512 bytes, and puts -journal behind the name of metadata.sqlite.
_LONGEST_FOLDER = 512 - len("/metadata.sqlite-journal") - 8
_PROBE = bytes(64 * 1024)


def check_output_file(path: str, option: str) -> None:
    """Checks that a file can be written, or replaced.

    Args:
        path: The file.
        option: What names it on the command line.

    Raises:
        InputError: It is a folder, a device or a pipe, or its folder is missing or cannot be written to.
    """
    place = f"{option} {shortened(path, 200)}"
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        state = "is no folder" if os.path.lexists(folder) else "does not exist"
        raise InputError(
            f"{place} cannot be written: the folder {shortened(folder, 200)} {state}. Make it, or name another."
        )
    if not os.path.basename(path):
        raise InputError(f"{place}: names no file. Give one a name.")
    _check_file(path, place)
    _check_folder_takes_files(folder, place)


def check_output_folder(folder: str) -> None:
    """Checks that a run can write to a folder, or make it, and changes nothing.

    Raises:
        InputError: It cannot.
    """
    place = f"--output {shortened(folder, 200)}"
    if len(os.fsencode(folder)) > _LONGEST_FOLDER:
        raise InputError(
            f"{place}: the path has {len(os.fsencode(folder)):,} bytes; at most {_LONGEST_FOLDER} leave room for the "
            "run's files. Name a folder nearer to the root."
        )
    existing = folder
    while not os.path.lexists(existing):
        existing = os.path.dirname(existing)
    if not os.path.isdir(existing):
        raise InputError(f"{place}: {shortened(existing, 200)} is no folder. Name another.")
    _check_folder_takes_files(existing, place)
    for name in _FILES:
        _check_file(os.path.join(folder, name), place)
    for name in _FOLDERS:
        inner = os.path.join(folder, name)
        if os.path.lexists(inner):
            if not os.path.isdir(inner):
                raise InputError(f"{place}: {inner} is no folder. Remove it, or name another output folder.")
            _check_folder_takes_files(inner, place)


def make_output_folder(folder: str) -> None:
    """Makes the folder of a run that `check_output_folder` had nothing against.

    Raises:
        InputError: It cannot be made.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as err:
        raise InputError(
            f"--output {shortened(folder, 200)}: the folder cannot be made: {err.strerror}. Name another."
        ) from err


def _check_file(path: str, place: str) -> None:
    try:
        os.lstat(path)
        # Not opened before: a pipe would wait for a reader.
        if not stat.S_ISREG(os.stat(path).st_mode):
            kind = "a folder" if os.path.isdir(path) else "no regular file"
            raise InputError(f"{place}: {shortened(path, 200)} is {kind}. Remove it, or name another place.")
        with open(path, "ab"):
            pass
    except FileNotFoundError:
        return
    except OSError as err:
        raise InputError(
            f"{place}: {shortened(path, 200)} cannot be written to: {err.strerror}. Name another place."
        ) from err


def _check_folder_takes_files(folder: str, place: str) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder) as handle:
            handle.write(_PROBE)
    except OSError as err:
        raise InputError(
            f"{place}: the folder {shortened(folder, 200)} cannot be written to: {err.strerror}. Name another."
        ) from err
