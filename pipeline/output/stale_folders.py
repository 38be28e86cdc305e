"""Clears stale folders, so that no stage begins in one whose files it would take for data.

TFX numbers a stage's output folder by the execution in the metadata store. With the store lost, or put back from
an older copy, the numbers come again, and the shards of then would be read with those of now.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.output.output_error import OutputError
from pipeline.output.store_check import STORE_FILE, KnownExecution, read_executions

_SYSTEM = ".system"
_WORKING_FOLDERS = "stateful_working_dir"
_EXECUTIONS = "executor_execution"


@dataclass(frozen=True)
class _Folder:
    """Where an execution of a stage writes: `artifacts/<stage>/<output>/<execution>`."""

    path: str
    stage: str
    execution: int


def remove_leftovers(output: str) -> list[str]:
    """Removes what killed executions left, which the store knows to be unfinished.

    Args:
        output: The run's output folder; no run may be writing to it.

    Returns:
        The folders removed.

    Raises:
        OutputError: The store is damaged, or there is output of executions that it does not know; nothing is
            removed then.
    """
    artifacts = os.path.join(output, "artifacts")
    database = os.path.join(output, STORE_FILE)
    known = read_executions(database)
    folders = [folder for folder in _folders(artifacts) if _holds_anything(folder.path)]
    foreign = [folder for folder in folders if not _is_known(folder, known)]
    if foreign:
        raise OutputError(_why_foreign(foreign[0], len(foreign), known, database, artifacts))
    left = [folder.path for folder in folders if not known[folder.execution].is_finished]
    for path in left:
        _remove(path)
    for path in _working_folders(artifacts):
        _remove(path)
    for path in _half_copies(os.path.join(output, "serving")):
        _remove(path)
        left.append(path)
    return left


def require_empty(stage: str, path: str) -> None:
    """Refuses to let a stage begin in a folder that holds something.

    Raises:
        OutputError: It does.
    """
    if _holds_anything(path):
        raise OutputError(
            f"{stage} was to write to {path}, which is not empty: what lies there would be mixed with its output. "
            "Move it away, then give the same command again."
        )


def _is_known(folder: _Folder, known: Mapping[int, KnownExecution]) -> bool:
    return folder.execution in known and known[folder.execution].stage == folder.stage


def _why_foreign(
    first: _Folder, count: int, known: Mapping[int, KnownExecution], database: str, artifacts: str
) -> str:
    others = f" (and {count - 1} more)" if count > 1 else ""
    knows = f"knows executions up to {max(known)}" if known else "knows of no run"
    return (
        f"{first.path}{others} was written by a run that {database}, the metadata store, does not know: it {knows}. The "
        "store was lost or put back from an older copy, and new output would be mixed with the old. Put the store of "
        f"the last run back; or move {database} and {artifacts} away, and the same command makes all of it anew, while "
        "serving keeps the pushed models."
    )


def _folders(artifacts: str) -> Iterator[_Folder]:
    for stage in _subfolders(artifacts):
        for key in _subfolders(os.path.join(artifacts, stage)):
            if key == _SYSTEM:
                continue
            for name in _numbered(os.path.join(artifacts, stage, key)):
                yield _Folder(os.path.join(artifacts, stage, key, name), stage, int(name))


def _working_folders(artifacts: str) -> Iterator[str]:
    """Yields what a stage keeps beside its output while it runs."""
    for stage in _subfolders(artifacts):
        system = os.path.join(artifacts, stage, _SYSTEM)
        yield from _subpaths(os.path.join(system, _WORKING_FOLDERS))
        for execution in _subpaths(os.path.join(system, _EXECUTIONS)):
            yield from (path for path in _subpaths(execution) if os.path.basename(path) == ".temp")


def _half_copies(serving: str) -> list[str]:
    return [path for path in _subpaths(serving) if os.path.basename(path).startswith(".copying-")]


def _numbered(folder: str) -> list[str]:
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return sorted(name for name in names if name.isascii() and name.isdigit())


def _subfolders(folder: str) -> list[str]:
    return [os.path.basename(path) for path in _subpaths(folder)]


def _subpaths(folder: str) -> list[str]:
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return [path for path in (os.path.join(folder, name) for name in names) if os.path.isdir(path)]


def _holds_anything(path: str) -> bool:
    if os.path.isfile(path):
        return os.path.getsize(path) > 0
    # A folder of empty folders is what TFX makes before a stage begins.
    return any(files for _, _, files in os.walk(path))


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.remove(path)
