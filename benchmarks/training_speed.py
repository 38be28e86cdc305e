"""Measures a training of the recipe `tabular` against a fit of CatBoost with its defaults, on the same rows.

Command:  python -m benchmarks.training_speed --data DIR [--tables mammography …] [--epochs 60] [--repeats 1]
Time:     half a minute for mammography, two minutes for give_me_some_credit, on 2 cores.
Prints:   seconds of the wall and of the processor of either, seconds of an epoch once all is compiled, and the ratios
          of a training to a fit. Ours reads TFRecords, compiles, and picks the epoch by eval, as Trainer does; what
          came before, Transform's work, is done by hand and not counted.

DIR holds a folder for each table. One process, all cores, nothing else on the machine.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf
import yaml

from core.features import CATEGORICAL, LABEL, MISSING, NUMERIC
from models.input.dataset import ExampleFiles
from models.network.classifier import InputShape
from models.preprocessing.normal_scores import normal_scores
from models.settings.sections import TrainingSections
from models.training.job import Trained, TrainingJob
from models.training.train import train

RECIPE = Path(__file__).parent.parent / "pipeline" / "recipes" / "tabular.yaml"
NUM_BUCKETS = 512  # As many as Transform takes.
SHARES = {"train": 0.7, "eval": 0.15}


@dataclass(frozen=True)
class Source:
    """Where a table lies: file, column of the class, rare class as text, and columns left out."""

    path: str
    label: str
    rare: str
    drop: tuple[str, ...] = ()


SOURCES = {
    "mammography": Source("mammography/mammography.csv", "target", "1"),
    "bank_marketing": Source("bank_marketing/bank.csv", "deposit", "yes", ("duration",)),
    "give_me_some_credit": Source(
        "give_me_some_credit/cs-training.csv", "SeriousDlqin2yrs", "1", ("Unnamed: 0",)
    ),
}


@dataclass(frozen=True)
class Rows:
    """Rows of a table, raw for CatBoost and transformed for the network.

    Attributes:
        raw: Columns as they were read, categories as text.
        columns: Transformed feature to values, `(rows, columns)`.
        labels: int64 `(rows,)`, 1 for the rare class.
        sizes: Number of categories of each categorical column, unknown ones included.
    """

    raw: pd.DataFrame
    columns: dict[str, np.ndarray]
    labels: np.ndarray
    sizes: tuple[int, ...]

    def taken(self, rows: np.ndarray) -> "Rows":
        columns = {name: values[rows] for name, values in self.columns.items()}
        return Rows(self.raw.iloc[rows], columns, self.labels[rows], self.sizes)


def read_splits(folder: Path, source: Source, seed: int = 0) -> dict[str, Rows]:
    """Reads a table, splits it by class and seed, and scales it by its train rows as Transform does."""
    frame = pd.read_csv(folder / source.path).drop(columns=list(source.drop), errors="ignore")
    frame = frame.drop_duplicates()
    labels = (frame.pop(source.label).astype(str) == source.rare).to_numpy(np.int64)
    random = np.random.default_rng(seed)
    places: dict[str, list[np.ndarray]] = {name: [] for name in SHARES}
    for label in (0, 1):
        rows, start = random.permutation(np.flatnonzero(labels == label)), 0
        for name, share in SHARES.items():
            end = start + round(share * len(rows))
            places[name].append(rows[start:end])
            start = end
    splits = {name: random.permutation(np.concatenate(parts)) for name, parts in places.items()}
    numbers = frame.select_dtypes("number").to_numpy(np.float64)
    fitted_on = numbers[splits["train"]]
    shares = np.linspace(0, 1, NUM_BUCKETS + 1)
    boundaries = np.nanquantile(fitted_on, shares, axis=0, method="inverted_cdf").T
    filled = np.where(np.isfinite(numbers), numbers, np.nanmedian(fitted_on, axis=0))
    columns = {
        NUMERIC: np.asarray(normal_scores(filled, boundaries)),
        MISSING: (~np.isfinite(numbers)).astype(np.float32),
    }
    texts = frame.select_dtypes(exclude="number").astype(str)
    if len(texts.columns):
        codes = [pd.factorize(texts[name], sort=True)[0] for name in texts]
        columns[CATEGORICAL] = np.stack(codes, axis=1).astype(np.int64)
    sizes = tuple(texts[name].nunique() + 1 for name in texts)
    whole = Rows(frame.assign(**texts), columns, labels, sizes)
    return {name: whole.taken(rows) for name, rows in splits.items()}


def written(folder: Path, name: str, rows: Rows) -> ExampleFiles:
    """Writes rows as Transform does, and returns their files."""
    path = str(folder / f"{name}.gz")
    columns = {**rows.columns, LABEL: rows.labels[:, np.newaxis]}
    with tf.io.TFRecordWriter(path, "GZIP") as writer:
        for row in range(len(rows.labels)):
            features = {key: _feature(values[row]) for key, values in columns.items()}
            writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())
    spec = {
        key: tf.io.FixedLenFeature(() if key == LABEL else values.shape[1:], tf.as_dtype(values.dtype))
        for key, values in columns.items()
    }
    return ExampleFiles([path], spec, (8, 8), 3)


def _feature(values: np.ndarray) -> tf.train.Feature:
    if values.dtype.kind == "f":
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def job_from_recipe(recipe: dict[str, Any], splits: dict[str, Rows], folder: Path, seed: int) -> TrainingJob:
    """Makes a training by a recipe on rows, which are written to a folder."""
    sections = TrainingSections.from_config(recipe)
    files = {name: written(folder, name, rows) for name, rows in splits.items()}
    return TrainingJob(
        inputs=InputShape(None, splits["train"].columns[NUMERIC].shape[1], splits["train"].sizes),
        classes=["common", "rare"],
        train=files["train"],
        evaluation=files["eval"],
        model=sections.model,
        loss=sections.loss,
        training=sections.training,
        seed=seed,
    )


def fit_catboost(rows: Rows) -> None:
    from catboost import CatBoostClassifier

    categories = list(rows.raw.select_dtypes(exclude="number"))
    model = CatBoostClassifier(random_seed=0, verbose=0, cat_features=categories, allow_writing_files=False)
    model.fit(rows.raw, rows.labels)


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Returns seconds of the wall, seconds of the processor, and what the work returns."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - wall, time.process_time() - processor, result


def epoch_seconds(trained: Trained) -> float:
    """Returns the median epoch's seconds; the first, which compiles, is left out where there are others."""
    seconds = [float(epoch["seconds"]) for epoch in trained.history]
    return statistics.median(seconds[1:] or seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with a folder for each table")
    parser.add_argument("--tables", nargs="+", choices=SOURCES, default=list(SOURCES))
    parser.add_argument("--epochs", type=int, help="most epochs; the recipe's where left out")
    parser.add_argument("--repeats", type=int, default=1, help="of which the fastest counts")
    arguments = parser.parse_args()
    recipe = yaml.safe_load(RECIPE.read_text())
    if arguments.epochs is not None:
        recipe["training"]["epochs"] = arguments.epochs
    print(
        "| table | rows | epochs | training s (processor) | epoch s | CatBoost s (processor) | ratio (processor) |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in arguments.tables:
        splits = read_splits(arguments.data, SOURCES[name])
        with tempfile.TemporaryDirectory() as folder:
            ours, theirs = [], []
            for repeat in range(arguments.repeats):
                # A training reads its files once and keeps them: another one needs files of its own.
                job = job_from_recipe(recipe, splits, Path(folder), seed=repeat)
                ours.append(timed(lambda job=job: train(job)))
                theirs.append(timed(lambda rows=splits["train"]: fit_catboost(rows)))
        wall, processor, trained = min(ours, key=lambda each: each[0])
        their_wall, their_processor, _ = min(theirs, key=lambda each: each[0])
        print(
            f"| {name} | {len(splits['train'].labels)} | {len(trained.history)} | {wall:.1f} ({processor:.1f}) | "
            f"{epoch_seconds(trained):.2f} | {their_wall:.1f} ({their_processor:.1f}) | {wall / their_wall:.1f} "
            f"({processor / their_processor:.1f}) |",
            flush=True,
        )


if __name__ == "__main__":
    main()
