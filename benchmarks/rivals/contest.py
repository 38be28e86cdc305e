"""Contest of our runs and the rivals on one table and one split, each contender once and for all."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.rivals.answers import Answers, figures_of
from benchmarks.rivals.classifiers import Fit
from benchmarks.rivals.kept_lines import KeptLines, Line
from benchmarks.rivals.own_run import experiment_of, run_pipeline
from benchmarks.rivals.sources import LABEL, RARE, SOURCES, load_table, write_table

OURS = "Counterpoise, "


@dataclass(frozen=True)
class Place:
    """Where results and what they are made of lie.

    Attributes:
        lines: The results.
        folder: Of tables, splits, answers and runs.
        data: Of the tables that no package brings; None where there are none.
    """

    lines: KeptLines
    folder: Path
    data: Path | None

    def answers(self, table: str, seed: int, contender: str) -> Path:
        name = "".join(letter if letter.isalnum() else "_" for letter in contender)
        return self.folder / "answers" / table / str(seed) / f"{name}.npz"

    def splits(self, table: str, seed: int) -> Path:
        return self.folder / "answers" / table / str(seed) / "splits.npy"


def own_name(recipe: str) -> str:
    """Returns the name under which the results of a recipe are kept."""
    return f"{OURS}{recipe}"


def run_own(place: Place, table: str, seed: int, recipe: str) -> Line:
    """Runs the pipeline on a table, unless its result is kept.

    Args:
        place: Where results are kept.
        table: Name in SOURCES.
        seed: Decides the split and everything random.
        recipe: As in the experiment, `auto` for none; behind it, each after a `+`, further settings `a.b=value`.
    """

    def run(records: pd.DataFrame) -> tuple[Answers, float]:
        path = place.folder / "tables" / f"{table}.csv"
        write_table(records, path)
        shares = dict(zip(("train", "eval", "test"), SOURCES[table].splits, strict=True))
        experiment = experiment_of({"path": str(path.absolute()), "splits": shares}, seed)
        name, *settings = recipe.split("+")
        if name != "auto":
            experiment["recipe"] = name
        run = run_pipeline(experiment, settings, len(records), place.folder / "run" / table)
        assert run.split_of is not None
        splits = place.splits(table, seed)
        if splits.exists() and not np.array_equal(np.load(splits), run.split_of):
            raise RuntimeError(f"{table}, seed {seed}: {recipe} has other splits than what was run before.")
        splits.parent.mkdir(parents=True, exist_ok=True)
        np.save(splits, run.split_of)
        return run.answers, run.seconds

    return _kept(place, table, seed, own_name(recipe), run)


def run_rival(place: Place, table: str, seed: int, name: str, fit: Fit) -> Line:
    """Fits a rival on train and eval together, unless its result is kept; one of our runs comes first, which splits."""

    def run(records: pd.DataFrame) -> tuple[Answers, float]:
        split_of = np.load(place.splits(table, seed))
        learn = records[np.isin(split_of, ("train", "eval"))]
        start = time.monotonic()
        answers = fit(learn, records[split_of == "test"], seed)
        return answers, time.monotonic() - start

    return _kept(place, table, seed, name, run)


def _kept(
    place: Place,
    table: str,
    seed: int,
    contender: str,
    run: Callable[[pd.DataFrame], tuple[Answers, float]],
) -> Line:
    key = {"table": table, "seed": seed, "contender": contender}
    path = place.answers(table, seed, contender)
    line = place.lines.find(**key)
    if line is not None and path.exists():
        return line
    records = load_table(table, place.data)
    answers, seconds = run(records)
    answers.write(path)
    figures = figures_of(rare_in_test(place, records, table, seed), answers)
    return place.lines.keep(**key, **figures, seconds=seconds)


def rare_in_test(place: Place, records: pd.DataFrame, table: str, seed: int) -> np.ndarray:
    """Returns whether each test record is rare, bool `(n,)`, in the order of the table."""
    return (records[LABEL] == RARE).to_numpy()[np.load(place.splits(table, seed)) == "test"]


def answers_by_seed(place: Place, table: str, seeds: range, contender: str) -> Mapping[int, Answers]:
    """Reads what a contender said, by seed, as far as it was run."""
    paths = {seed: place.answers(table, seed, contender) for seed in seeds}
    return {seed: Answers.read(path) for seed, path in paths.items() if path.exists()}
