"""Explains in one sentence why a run failed, where the fault lies in what it writes to and not in the program."""

import errno
import os
import re
from collections.abc import Iterator

from pipeline.output.output_error import OutputError
from pipeline.output.store_check import STORE_FILE, explain_store_error, read_executions

_LONGEST = 2000
_GO_ON = "then the same command goes on from there"
# How SQLite, TensorFlow and C++ libraries, which raise no OSError, say it.
_FULL = re.compile(
    r"no space left on device|disk quota exceeded|database or disk is full|ENOSPC", re.IGNORECASE
)
_MISSING = re.compile(r"no such file or directory|not found|does not exist|is missing", re.IGNORECASE)
_READ_ONLY = re.compile(r"read-only file system|permission denied", re.IGNORECASE)
_RAISED = re.compile(r"^[\w.]*(?:Error|Exception|Interrupt)\b.*", re.MULTILINE)
_TRACE = "Traceback (most recent call last)"
_STORE_ERRORS = ("ml_metadata", "sqlite3")
_STORE_WORDS = ("MetadataStore", "MLMD", "Metadata storage", "query:", "mysql", "sqlite")


def explain_failure(error: BaseException, output: str) -> str:
    """Returns a sentence for the terminal, with the file and the way out where they can be told.

    Args:
        error: What ended the run; the errors it was raised from are looked at, too.
        output: The run's output folder.
    """
    errors = list(_chain(error))
    for one in errors:
        if isinstance(one, OutputError):
            return str(one)
    if not os.path.isdir(output):
        return f"{output} was removed while the run was writing to it. The same command begins anew."
    for one in errors:
        if _is_full(one):
            return f"The disk is full: {_path_of(one, output)} could not be written. Free space on the disk of {output}, {_GO_ON}."
    for one in errors:
        if _is_of_store(one):
            return _store_failure(one, os.path.join(output, STORE_FILE))
    for one in errors:
        if _is_denied(one):
            return f"{_path_of(one, output)} cannot be written. Make it and its folder writable, {_GO_ON}."
    for one in errors:
        path = _path_of(one, output)
        if path != output and _is_missing(one):
            gone = f"{path} is missing or was removed while the run was using it."
            is_own = path.startswith(output + os.sep)
            return f"{gone} The same command makes it again." if is_own else f"{gone} Put it back, {_GO_ON}."
    return _in_short(errors[-1])


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yields what an error was raised from or in the handling of, the first one first."""
    chain: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in chain:
        chain.append(one)
        one = one.__cause__ or one.__context__
    yield from reversed(chain)


def _is_full(error: BaseException) -> bool:
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or bool(_FULL.search(str(error)))


def _is_denied(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
    return bool(_READ_ONLY.search(str(error)))


def _is_missing(error: BaseException) -> bool:
    return isinstance(error, FileNotFoundError) or bool(_MISSING.search(str(error)))


def _is_of_store(error: BaseException) -> bool:
    said = str(error)
    return type(error).__module__.startswith(_STORE_ERRORS) or any(word in said for word in _STORE_WORDS)


def _store_failure(error: BaseException, database: str) -> str:
    try:
        known = read_executions(database)
    except OutputError as damage:
        return str(damage)
    if not known and os.path.isdir(os.path.join(os.path.dirname(database), "artifacts")):
        return (
            f"{database}, the metadata store, was removed or replaced while the run was writing to it. Put it back, or "
            "move artifacts beside it away, and the same command makes all of it anew."
        )
    return explain_store_error(database, str(error))


def _path_of(error: BaseException, output: str) -> str:
    """Returns the file below the output folder that an error names, else the folder."""
    names = [getattr(error, "filename2", None), getattr(error, "filename", None)]
    for name in names:
        if isinstance(name, str | bytes):
            return os.fsdecode(name)
    said = str(error)
    place = said.find(output)
    if place < 0:
        return output
    # The folder's own name may hold what ends a path elsewhere, as a blank.
    rest = re.match(r"[^\s'\";,:\]]*", said[place + len(output) :])
    return output + (rest.group() if rest else "")


def _in_short(error: BaseException) -> str:
    """Returns an error without the traceback of another process that it may carry as its text."""
    said = str(error).strip()
    if _TRACE in said:
        raised = _RAISED.findall(said)
        return (raised[-1] if raised else type(error).__name__)[:_LONGEST]
    return f"{type(error).__name__}: {said}"[:_LONGEST].strip()
