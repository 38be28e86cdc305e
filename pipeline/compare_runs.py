"""Compares runs on the test records that all of them hold."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from components.evaluation.answered_records import AnsweredRecords, Answers
from components.evaluation.bootstrap import Difference
from components.evaluation.paired_comparison import SCORES, compare
from core.documents.metrics import Metrics
from core.errors import InputError
from core.file_names import TEST_RECORDS
from pipeline.output.read_errors import explain_read_errors


@dataclass(frozen=True)
class FinishedRun:
    """What a run left in its output folder.

    Attributes:
        folder: The output folder.
        metrics: What it measured.
        records: The test records with the run's answers.
    """

    folder: str
    metrics: Metrics
    records: AnsweredRecords


def read_run(folder: str) -> FinishedRun:
    """Reads a finished run.

    Raises:
        InputError: There is none.
    """
    metrics, records = Path(Metrics.path(folder)), Path(folder, TEST_RECORDS)
    if not metrics.is_file() or not records.is_file():
        raise InputError(
            f"{folder} holds no finished run with test records: name the output folder of `counterpoise run`."
        )
    measured = Metrics.read(folder)
    with explain_read_errors(records):
        return FinishedRun(folder, measured, AnsweredRecords.from_bytes(records.read_bytes()))


def compare_runs(folders: list[str], seed: int = 0) -> tuple[int, list[dict[str, Difference]]]:
    """Compares each run with the first.

    Args:
        folders: Output folders, two or more.
        seed: Decides the resamples behind the intervals.

    Returns:
        The number of test records compared on, and the differences of the second run, the third, …

    Raises:
        InputError: There are fewer than two runs, or they share no test record, or disagree on a record's class.
    """
    if len(folders) < 2:
        raise InputError(f"Expected two runs or more to compare. Received: {', '.join(folders) or 'none'}.")
    first, *others = [read_run(folder) for folder in folders]
    keys = _shared_keys([first, *others])
    classes = first.records.classes
    labels, answers = _answers(first, keys, classes)
    differences = []
    for run in others:
        other_labels, other_answers = _answers(run, keys, classes)
        _check_labels(first, run, keys, labels != other_labels)
        differences.append(compare(classes, labels, answers, other_answers, seed))
    return len(keys), differences


def show_comparison(folders: list[str], console: Console) -> None:
    """Prints the comparison of runs; a difference that is surely none of chance's is marked."""
    count, differences = compare_runs(folders)
    console.print(
        f"{count:,} test records in common. Difference to {folders[0]}, with its 95 % interval by paired bootstrap; "
        "* leaves out 0.",
        markup=False,
        soft_wrap=True,
    )
    table = Table("score", folders[0])
    for folder in folders[1:]:
        table.add_column(folder)
        table.add_column("difference")
    for name, one in differences[0].items():
        title = name.replace("_", " ") if name in SCORES else name
        cells = (cell for of_run in differences for cell in _cells(of_run[name]))
        table.add_row(title, f"{one.first:.3f}", *cells)
    console.print(table)


def _cells(one: Difference) -> tuple[str, str]:
    star = "*" if one.is_sure else " "
    interval = f"[{one.low:+.3f}, {one.high:+.3f}]"
    return f"{one.second:.3f}", f"{one.second - one.first:+.3f} {interval} {star}"


def _shared_keys(runs: list[FinishedRun]) -> list[str]:
    keys = sorted(set.intersection(*(set(run.records.keys) for run in runs)))
    if not keys:
        raise InputError(
            f"{' and '.join(run.folder for run in runs)} share no test record: only runs on the same data and splits "
            "can be compared."
        )
    return keys


def _check_labels(first: FinishedRun, run: FinishedRun, keys: list[str], different: np.ndarray) -> None:
    if different.any():
        raise InputError(
            f"{run.folder} and {first.folder} disagree on the class of the test record "
            f"{keys[int(different.argmax())]!r}: the data were changed between the runs. Run both again on the same "
            "data."
        )


def _answers(run: FinishedRun, keys: list[str], classes: tuple[str, ...]) -> tuple[np.ndarray, Answers]:
    """Returns labels and answers for some records, in another run's order of classes."""
    place_of = {key: place for place, key in enumerate(run.records.keys)}
    rows = np.array([place_of[key] for key in keys])
    own = run.records.classes
    to_other = np.array([classes.index(name) if name in classes else -1 for name in own])
    probabilities = np.zeros((len(rows), len(classes)), np.float32)
    for index, other in enumerate(to_other):
        if other >= 0:
            probabilities[:, other] = run.records.probabilities[rows, index]
    return to_other[run.records.labels[rows]], Answers(to_other[run.records.decisions[rows]], probabilities)
