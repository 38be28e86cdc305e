"""Runs the whole pipeline by its command, and reads its answers to the test records."""

import csv
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks.rivals.answers import Answers
from benchmarks.rivals.sources import LABEL, RARE
from components.evaluation.answered_records import AnsweredRecords
from core.file_names import TEST_RECORDS

_PUSHED, _NOT_BLESSED = 0, 3


@dataclass(frozen=True)
class OwnRun:
    """What a run left.

    Attributes:
        split_of: Split of each row of the table, `(rows,)`, empty where the row was left out; None where the data
            come split.
        answers: To the test records, in the order of their rows.
        seconds: From the start of the command to its end.
        pushed: Whether the model was pushed; the answers are those of the model with its rule in either case.
    """

    split_of: np.ndarray | None
    answers: Answers
    seconds: float
    pushed: bool


def experiment_of(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """Makes a bare experiment for a table in a CSV file.

    Findings about the data are for the report: tables of a benchmark are taken as they are.
    """
    return {
        "data": {"format": "csv", "label": LABEL, **data},
        "validation": {"on_anomaly": "warn"},
        "seed": seed,
    }


def run_pipeline(
    experiment: dict[str, Any], settings: list[str], num_rows: int | None, folder: Path
) -> OwnRun:
    """Runs `counterpoise run` and reads what it says of the test records.

    Args:
        experiment: As its file says it; paths relative to `folder`.
        settings: `a.b=value`, over it.
        num_rows: Rows of the table that is split; None where the data come split.
        folder: Where experiment and output are written; the output is removed again.

    Raises:
        RuntimeError: The run failed.
    """
    output = folder / "run"
    shutil.rmtree(output, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "experiment.yaml"
    path.write_text(yaml.safe_dump(experiment, sort_keys=False))
    words = [word for setting in settings for word in ("--set", setting)]
    command = Path(sys.executable).parent / "counterpoise"
    start = time.monotonic()
    done = subprocess.run(
        [command, "run", path, "--output", output, *words], capture_output=True, text=True, check=False
    )
    seconds = time.monotonic() - start
    if done.returncode not in (_PUSHED, _NOT_BLESSED):
        raise RuntimeError(f"{path}: {(done.stderr or done.stdout)[-2000:]}")
    try:
        split_of = None if num_rows is None else _splits(output, num_rows)
        return OwnRun(split_of, _answers(output), seconds, pushed=done.returncode == _PUSHED)
    finally:
        shutil.rmtree(output)


def row_of(key: str) -> int:
    """Returns the place of a table's row, from 0, of its record's key."""
    return int(key.rpartition(" ")[2]) - 1


def _splits(output: Path, num_rows: int) -> np.ndarray:
    split_of = np.full(num_rows, "", dtype="<U5")
    with (output / "splits.csv").open(newline="") as handle:
        for row in csv.DictReader(handle):
            split_of[row_of(row["key"])] = row["split"]
    return split_of


def _answers(output: Path) -> Answers:
    records = AnsweredRecords.from_bytes((output / TEST_RECORDS).read_bytes())
    order = np.argsort([row_of(key) for key in records.keys])
    rare = records.classes.index(RARE)
    return Answers(records.probabilities[order, rare].astype(np.float64), records.decisions[order] == rare)
