"""Compares changes of the recipe `tabular` by what they come to on rows of eval; test is never read.

Command:  python -m benchmarks.recipe_changes --data DIR [--tables mammography …] [--seeds 3]
          --candidate NAME [KEY=VALUE …] [--candidate …]
Time:     about ten seconds of the processor for each candidate, table and seed.
Prints:   average precision of the rare class and log loss, the means over seeds, for each table; of either the mean
          difference to the first candidate over tables and seeds, with its standard error; epochs, and seconds of the
          processor.

A candidate is the recipe with some keys changed, as `model.tabular.dropout=0.1`; without any it is the recipe. Of
mammography all train and eval rows are used. Of larger tables 8,000 train rows are learnt from, 1,700 of eval pick the
epoch, and the rest of eval measures.
"""

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import yaml
from sklearn.metrics import average_precision_score, log_loss

from benchmarks.training_speed import RECIPE, SOURCES, Rows, job_from_recipe, read_splits
from core.features import CATEGORICAL, MISSING, NUMERIC
from models.training.train import train

MOST_TRAINED, MOST_PICKING = 8_000, 1_700
INPUTS = {NUMERIC: "numeric", MISSING: "missing", CATEGORICAL: "categorical"}
ANSWERED_AT_ONCE = 2_048


@dataclass(frozen=True)
class Measured:
    """What a training came to."""

    precision: float
    loss: float
    epochs: int
    seconds: float


def changed(recipe: dict[str, Any], changes: list[str]) -> dict[str, Any]:
    """Returns the recipe with keys changed, each given as `section.key=value` with a value of YAML."""
    copy: dict[str, Any] = yaml.safe_load(yaml.safe_dump(recipe))
    for change in changes:
        path, _, value = change.partition("=")
        *sections, key = path.split(".")
        place = copy
        for section in sections:
            place = place.setdefault(section, {})
        place[key] = yaml.safe_load(value)
    return copy


def measure(recipe: dict[str, Any], splits: dict[str, Rows], seed: int) -> Measured:
    picking, measuring = splits["eval"], splits["eval"]
    if len(splits["train"].labels) > MOST_TRAINED:
        rows = np.arange(len(picking.labels))
        picking, measuring = picking.taken(rows[:MOST_PICKING]), picking.taken(rows[MOST_PICKING:])
    trained_on = splits["train"].taken(np.arange(min(MOST_TRAINED, len(splits["train"].labels))))
    with tempfile.TemporaryDirectory() as folder:
        job = job_from_recipe(recipe, {"train": trained_on, "eval": picking}, Path(folder), seed)
        start = time.process_time()
        trained = train(job)
        seconds = time.process_time() - start
    logits = answers(trained.model, measuring)
    rare = 1 / (1 + np.exp(logits[:, 0] - logits[:, 1]))
    keras.backend.clear_session()
    return Measured(
        float(average_precision_score(measuring.labels, rare)),
        float(log_loss(measuring.labels, rare)),
        len(trained.history),
        seconds,
    )


def answers(model: keras.Model, rows: Rows) -> np.ndarray:
    """Returns the logits of rows, float64 `(rows, 2)`."""
    columns = {INPUTS[key]: values for key, values in rows.columns.items()}
    parts = []
    for start in range(0, len(rows.labels), ANSWERED_AT_ONCE):
        batch = {name: values[start : start + ANSWERED_AT_ONCE] for name, values in columns.items()}
        parts.append(np.asarray(model(batch, training=False), np.float64))
    return np.concatenate(parts)


def difference(ours: list[float], theirs: list[float]) -> str:
    """Writes the mean difference with its standard error."""
    differences = [one - other for one, other in zip(ours, theirs, strict=True)]
    error = statistics.stdev(differences) / len(differences) ** 0.5 if len(differences) > 1 else float("nan")
    return f"{statistics.mean(differences):+.4f} ± {error:.4f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with a folder for each table")
    parser.add_argument("--tables", nargs="+", choices=SOURCES, default=list(SOURCES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--candidate", nargs="+", action="append", required=True, metavar=("NAME", "CHANGE"))
    arguments = parser.parse_args()
    recipe = yaml.safe_load(RECIPE.read_text())
    candidates = {name: changed(recipe, changes) for name, *changes in arguments.candidate}
    found: dict[str, list[tuple[str, Measured]]] = {name: [] for name in candidates}
    for table in arguments.tables:
        for seed in range(arguments.seeds):
            splits = read_splits(arguments.data, SOURCES[table], seed)
            for name, settings in candidates.items():
                found[name].append((table, measure(settings, splits, seed)))
    heads = [f"{table} AP | {table} log loss" for table in arguments.tables]
    print(f"| candidate | {' | '.join(heads)} | AP, difference | log loss, difference | epochs | s |")
    print(f"|{'---|' * (2 * len(heads) + 5)}")
    first = [each for _, each in next(iter(found.values()))]
    for name, measured in found.items():
        cells = []
        for table in arguments.tables:
            of_table = [each for where, each in measured if where == table]
            cells.append(f"{statistics.mean(each.precision for each in of_table):.4f}")
            cells.append(f"{statistics.mean(each.loss for each in of_table):.4f}")
        ours = [each for _, each in measured]
        cells.append(difference([each.precision for each in ours], [each.precision for each in first]))
        cells.append(difference([each.loss for each in ours], [each.loss for each in first]))
        cells.append(f"{statistics.mean(each.epochs for each in ours):.0f}")
        cells.append(f"{statistics.mean(each.seconds for each in ours):.0f}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
