"""Checks the metadata store before anything is loaded, and reads its executions."""

import contextlib
import os
import sqlite3
from dataclasses import dataclass

from pipeline.output.output_error import OutputError

STORE_FILE = "metadata.sqlite"
_SECONDS_FOR_LOCK = 5
# Bytes of the header of a database.
_SMALLEST = 100
# Values of Execution.State in ml_metadata's protocol buffer.
_FINISHED = (3, 5)
# What this program reads of the store; an empty file has none of them and becomes a store.
_TABLES = {"Artifact", "Association", "Context", "Event", "Execution", "MLMDEnv", "Type"}
_WAY_OUT = (
    "Put a sound copy from after the last run in its place; or move it away together with artifacts beside it, "
    "and the same command makes all of it anew, while serving keeps the pushed models."
)


@dataclass(frozen=True)
class KnownExecution:
    """An execution of a stage, as the store has it.

    Attributes:
        stage: The stage's name.
        is_finished: Whether it put out what later stages and runs may read.
    """

    stage: str
    is_finished: bool


def read_executions(path: str) -> dict[int, KnownExecution]:
    """Reads every execution of a store, which is opened as a run would open it, to write.

    Args:
        path: The store's file. One that is missing or empty knows nothing.

    Returns:
        Execution to its number.

    Raises:
        OutputError: The file is no store, is damaged, or cannot be written.
    """
    if not os.path.lexists(path):
        return {}
    if not os.path.isfile(path):
        raise OutputError(f"{path} is no file, where the metadata store should be. {_WAY_OUT}")
    try:
        if 0 < os.path.getsize(path) < _SMALLEST:
            # SQLite would take it for an empty one.
            raise sqlite3.DatabaseError("file is too short")
        with contextlib.closing(
            sqlite3.connect(path, timeout=_SECONDS_FOR_LOCK, isolation_level=None)
        ) as store:
            return _executions(store, path)
    except sqlite3.Error as err:
        raise OutputError(explain_store_error(path, str(err))) from err


def _executions(store: sqlite3.Connection, path: str) -> dict[int, KnownExecution]:
    # Fails now where writing would fail in mid-run: another process has it, or the file system is read-only.
    store.execute("BEGIN IMMEDIATE")
    store.execute("ROLLBACK")
    [(verdict,)] = store.execute("PRAGMA quick_check(1)").fetchall()
    if verdict != "ok":
        raise sqlite3.DatabaseError("database disk image is malformed")
    tables = {name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return {}
    if not tables >= _TABLES:
        raise sqlite3.DatabaseError("tables are missing")
    rows = store.execute(
        "SELECT Execution.id, Type.name, Execution.last_known_state FROM Execution "
        "JOIN Type ON Type.id = Execution.type_id"
    )
    return {
        number: KnownExecution(kind.rpartition(".")[2], state in _FINISHED) for number, kind, state in rows
    }


def explain_store_error(path: str, said: str) -> str:
    """Says what is wrong with a store, without the words of the database.

    Args:
        path: The store's file.
        said: What SQLite or ml_metadata reported.
    """
    if "locked" in said or "busy" in said:
        return (
            f"Another process holds {path}, the metadata store, open for writing. Close what has it open, then "
            "give the same command again."
        )
    if "readonly" in said or "unable to open" in said:
        return f"{path}, the metadata store, cannot be written. Make it and its folder writable, or give another folder with --output."
    if "full" in said:
        return f"The disk is full: {path}, the metadata store, cannot be written. Free space, then give the same command again."
    if "database version" in said:
        return (
            f"{path}, the metadata store, was written by another version of ml-metadata. Run with the version that wrote "
            "it, or give another folder with --output."
        )
    return f"{path}, the metadata store, is damaged. {_WAY_OUT}"
