"""Parts decided on in another way than in the finished run: the run, its test records, and its model's answers."""

import csv
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from tests.conftest import NO_NUMBER, counterpoise


def run_with(parts: Path, finished_run: Path, output: Path, *settings: str) -> Path:
    """Runs the parts with other settings, the network out of the finished run's cache; keeps what the terminal said.

    The model is held against none before: what is left to a person now is recall that the gate would miss.
    """
    shutil.copytree(finished_run, output, ignore=shutil.ignore_patterns("serving"))
    words = [f"--set={one}" for one in (*settings, "evaluation.max_drop=1")]
    done = counterpoise("run", parts, "--output", output, *words)
    assert done.returncode == 0, done.stdout + done.stderr + (output / "run.log").read_text()[-5000:]
    (output / "terminal.txt").write_text(done.stdout)
    return output


def held_back_records(parts: Path, run: Path) -> dict[str, list[Any]]:
    """Returns the columns of the test records, as `predict_raw` takes them; a cell without a number is NaN."""
    with open(run / "splits.csv", newline="") as handle:
        keys = [row["key"] for row in csv.DictReader(handle) if row["split"] == "test"]
    rows = list(csv.DictReader((parts.parent / "parts.csv").read_text().splitlines(), delimiter=";"))
    chosen = [rows[int(key.rpartition(" ")[2]) - 1] for key in keys]

    def numbers(name: str) -> list[float]:
        return [float("nan") if row[name] in NO_NUMBER else float(row[name]) for row in chosen]

    return {
        "picture": [(parts.parent / row["picture"]).read_bytes() for row in chosen],
        "width": numbers("width"),
        "weight": numbers("weight"),
        "line": [row["line"] for row in chosen],
        "defect": [row["defect"] for row in chosen],
    }


def dtypes() -> dict[str, Any]:
    """Returns the type of each input of `predict_raw`."""
    import tensorflow as tf

    return {"picture": tf.string, "width": tf.float64, "weight": tf.float64, "line": tf.string}


def answers_of(run: Path, records: dict[str, list[Any]]) -> dict[str, np.ndarray]:
    """Asks the pushed model for the records, in the process."""
    import tensorflow as tf

    model = tf.saved_model.load(str(run / "serving" / "1"))
    tensors = {name: tf.constant(records[name], dtype) for name, dtype in dtypes().items()}
    return {name: one.numpy() for name, one in model.signatures["predict_raw"](**tensors).items()}
