"""Compares runs on the test records that all of them hold."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from components.evaluation.answered_records import TestRecords
from components.evaluation.paired_comparison import SCORES, Difference, compare
from components.evaluation.promotion_gate import Answers
from core.documents.metrics import Metrics
from core.errors import InputError
from core.file_names import TEST_RECORDS
from pipeline.output.damaged import reading


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
    records: TestRecords


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
    with reading(records):
        return FinishedRun(folder, measured, TestRecords.from_bytes(records.read_bytes()))


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
    runs = [read_run(folder) for folder in folders]
    first = runs[0]
    shared = set(first.records.keys)
    for run in runs[1:]:
        shared &= set(run.records.keys)
    keys = sorted(shared)
    if not keys:
        raise InputError(
            f"{' and '.join(folders)} share no test record: only runs on the same data and splits can be compared."
        )
    classes = first.records.classes
    labels, answers = _answers(first, keys, classes)
    differences = []
    for run in runs[1:]:
        other_labels, other_answers = _answers(run, keys, classes)
        if not np.array_equal(labels, other_labels):
            place = int(np.flatnonzero(labels != other_labels)[0])
            raise InputError(
                f"{run.folder} and {first.folder} disagree on the class of the test record {keys[place]!r}: the "
                "data were changed between the runs. Run both again on the same data."
            )
        differences.append(compare(classes, labels, answers, other_answers, seed))
    return len(keys), differences


def show_comparison(folders: list[str], console: Console) -> None:
    """Prints the comparison of runs; a difference that is surely none of chance's is marked."""
    count, differences = compare_runs(folders)
    console.print(
        f"{count:,} test records in common. Difference to {folders[0]}, with its 95 % interval by paired bootstrap; "
        "* leaves out 0.",
        markup=False,
    )
    table = Table("score", folders[0])
    for folder in folders[1:]:
        table.add_column(folder)
        table.add_column("difference")
    for name, one in differences[0].items():
        cells = [name.replace("_", " ") if name in SCORES else name, f"{one.first:.3f}"]
        for of_run in differences:
            other = of_run[name]
            star = "*" if other.is_sure else " "
            cells += [
                f"{other.second:.3f}",
                f"{other.second - other.first:+.3f} [{other.low:+.3f}, {other.high:+.3f}] {star}",
            ]
        table.add_row(*cells)
    console.print(table)


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
