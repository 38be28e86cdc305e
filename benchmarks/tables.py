"""Our encoders of tables against the classifiers their users would take instead, on the same splits.

Usage: python -m benchmarks.tables --data DIR [--tables mammography …] [--encoders ensemble_mlp …] [--seeds 3]
       [--rivals-on train] [--output FILE]
(about two minutes a seed for mammography, ten for the others, on 2 cores). DIR holds a folder for each
table. Prints average precision of the rare class and log loss on test, the mean over seeds and the standard
deviation.

Rows are split as the pipeline splits them, by class and seed into 70 % train, 15 % eval and 15 % test; all are used,
and rows that repeat others stand in one split. The rivals, with
their defaults, are fitted on train and eval together: HistGradientBoosting and CatBoost need no eval split.
Ours are trained on train alone, as in the pipeline, and eval picks the epoch; with `--rivals-on train` the rivals
have no more than train either.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, log_loss

from benchmarks.markdown_writer import Written
from core.splitting import stratified_splits

NUM_BUCKETS = 512  # As many as Transform takes.


@dataclass(frozen=True)
class Source:
    """Where a table lies.

    Attributes:
        path: Of the CSV file, below the data folder.
        label: Column of the class.
        rare: The rare class, as text.
        drop: Columns left out.
        batch_size: Records per step.
        patience: Epochs without a lower loss on eval before training stops.
    """

    path: str
    label: str
    rare: str
    drop: tuple[str, ...]
    batch_size: int
    patience: int


SOURCES = {
    "mammography": Source("mammography/mammography.csv", "target", "1", (), 256, 16),
    "give_me_some_credit": Source(
        "give_me_some_credit/cs-training.csv", "SeriousDlqin2yrs", "1", ("Unnamed: 0",), 1024, 8
    ),
    "bank_marketing": Source("bank_marketing/bank.csv", "deposit", "yes", ("duration",), 512, 8),
}


@dataclass(frozen=True)
class Table:
    """A table as arrays.

    Attributes:
        numeric: float32 `(rows, columns)`, NaN where missing.
        categorical: int64 `(rows, columns)`, codes from 0.
        labels: int64 `(rows,)`, 1 for the rare class.
        contents: int64 `(rows,)`, equal for rows that are equal but for the class.
    """

    numeric: np.ndarray
    categorical: np.ndarray
    labels: np.ndarray
    contents: np.ndarray

    def joined(self) -> np.ndarray:
        return np.concatenate([self.numeric, self.categorical], axis=1)


@dataclass(frozen=True)
class Splits:
    """Positions of rows."""

    train: np.ndarray
    evaluation: np.ndarray
    test: np.ndarray


def read_table(folder: Path, source: Source) -> Table:
    frame = pd.read_csv(folder / source.path)
    frame = frame.drop(columns=[name for name in source.drop if name in frame])
    labels = (frame.pop(source.label).astype(str) == source.rare).to_numpy(np.int64)
    contents = frame.groupby(list(frame), dropna=False, sort=False).ngroup().to_numpy(np.int64)
    texts = frame.select_dtypes(exclude="number")
    codes = [pd.factorize(texts[name], sort=True)[0] for name in texts]
    categorical = np.stack(codes, axis=1) if codes else np.zeros((len(frame), 0))
    numeric = frame.select_dtypes("number").to_numpy(np.float32)
    return Table(numeric, categorical.astype(np.int64), labels, contents)


def split(table: Table, seed: int) -> Splits:
    order = np.random.default_rng(seed).permutation(len(table.labels)).astype(np.uint64)
    places = stratified_splits(table.labels, table.contents, order, np.array([0.7, 0.15, 0.15]))
    return Splits(*(np.flatnonzero(places == place) for place in range(3)))


def gradient_boosting(table: Table, splits: Splits, seed: int) -> np.ndarray:
    from sklearn.ensemble import HistGradientBoostingClassifier

    num_numeric = table.numeric.shape[1]
    columns = table.joined()
    rows = np.concatenate([splits.train, splits.evaluation])
    model = HistGradientBoostingClassifier(
        categorical_features=list(range(num_numeric, columns.shape[1])), random_state=seed
    )
    return model.fit(columns[rows], table.labels[rows]).predict_proba(columns[splits.test])[:, 1]


def balanced_forest(table: Table, splits: Splits, seed: int) -> np.ndarray:
    from imblearn.ensemble import BalancedRandomForestClassifier

    columns = table.joined()
    rows = np.concatenate([splits.train, splits.evaluation])
    columns = np.where(np.isfinite(columns), columns, np.nanmedian(columns[rows], axis=0))
    model = BalancedRandomForestClassifier(
        sampling_strategy="all", replacement=True, bootstrap=False, random_state=seed, n_jobs=-1
    )
    return model.fit(columns[rows], table.labels[rows]).predict_proba(columns[splits.test])[:, 1]


def catboost(table: Table, splits: Splits, seed: int) -> np.ndarray:
    from catboost import CatBoostClassifier

    frame = pd.DataFrame(table.numeric)
    names = [f"categorical {column}" for column in range(table.categorical.shape[1])]
    for column, name in enumerate(names):
        frame[name] = table.categorical[:, column]
    rows = np.concatenate([splits.train, splits.evaluation])
    model = CatBoostClassifier(random_seed=seed, verbose=0, cat_features=names, allow_writing_files=False)
    model.fit(frame.iloc[rows], table.labels[rows])
    return model.predict_proba(frame.iloc[splits.test])[:, 1]


def network(encoder: str, source: Source) -> Callable[[Table, Splits, int], np.ndarray]:
    """Makes the function that trains our classifier as Trainer does and answers with probabilities."""

    def fit(table: Table, splits: Splits, seed: int) -> np.ndarray:
        import keras
        import tensorflow as tf

        from models.network.branches.training_loss import training_loss
        from models.network.classifier import InputShape, build_classifier
        from models.network.losses.factory import make_loss
        from models.settings import LossSettings, ModelSettings, OptimizerSettings
        from models.training.callbacks.best_epoch import BestEpoch
        from models.training.optimizers.factory import make_optimizer

        keras.utils.set_random_seed(seed)
        columns, sizes = transformed(table, splits.train)
        counts = np.bincount(table.labels[splits.train])
        settings = ModelSettings.model_validate(
            {"tabular": {"encoder": encoder, "hidden_units": (128, 128)}, "embedding_units": None}
        )
        model = build_classifier(InputShape(None, table.numeric.shape[1], sizes), settings, counts, seed)
        loss = make_loss(LossSettings(class_weights="none"), counts)
        model.compile(
            make_optimizer(OptimizerSettings(learning_rate=0.002)), training_loss(loss, settings, counts)
        )

        def batches(rows: np.ndarray, size: int, shuffled: bool = False) -> tf.data.Dataset:
            taken = {name: values[rows] for name, values in columns.items()}
            records = tf.data.Dataset.from_tensor_slices((taken, table.labels[rows]))
            return (records.shuffle(len(rows), seed) if shuffled else records).batch(size).prefetch(2)

        model.fit(
            batches(splits.train, source.batch_size, shuffled=True),
            validation_data=batches(splits.evaluation, 4096),
            epochs=100,
            callbacks=[BestEpoch("val_loss", source.patience)],
            verbose=0,
        )
        logits = model.predict(batches(splits.test, 4096), verbose=0)
        return np.asarray(tf.nn.softmax(tf.cast(logits, tf.float64)))[:, 1]

    return fit


def transformed(table: Table, train: np.ndarray) -> tuple[dict[str, np.ndarray], tuple[int, ...]]:
    """Scales a table as Transform does, and returns the network's inputs and the categories' numbers."""
    from models.preprocessing.normal_scores import normal_scores

    columns: dict[str, np.ndarray] = {}
    present = np.isfinite(table.numeric)
    shares = np.linspace(0, 1, NUM_BUCKETS + 1)
    boundaries = np.nanquantile(table.numeric[train], shares, axis=0, method="inverted_cdf").T
    filled = np.where(present, table.numeric, np.nanmedian(table.numeric[train], axis=0))
    columns["numeric"] = np.asarray(normal_scores(filled, boundaries))
    columns["missing"] = (~present).astype(np.float32)
    if table.categorical.shape[1]:
        columns["categorical"] = table.categorical
    # One more than occur, for the bucket of unknown ones.
    return columns, tuple(int(size) + 2 for size in table.categorical.max(axis=0, initial=-1))


RIVALS = {
    "HistGradientBoosting": gradient_boosting,
    "BalancedRandomForest": balanced_forest,
    "CatBoost": catboost,
}


def on_train_alone(
    fit: Callable[[Table, Splits, int], np.ndarray],
) -> Callable[[Table, Splits, int], np.ndarray]:
    """Keeps the rows of eval from a rival."""

    def fit_on_train(table: Table, splits: Splits, seed: int) -> np.ndarray:
        return fit(table, replace(splits, evaluation=splits.evaluation[:0]), seed)

    return fit_on_train


def measure(
    fit: Callable[[Table, Splits, int], np.ndarray], table: Table, seeds: range
) -> tuple[list[float], list[float], float]:
    """Returns average precisions and log losses by seed, and the mean seconds of a fit."""
    start = time.monotonic()
    precisions, losses = [], []
    for seed in seeds:
        splits = split(table, seed)
        rare = np.clip(fit(table, splits, seed), 1e-7, 1 - 1e-7)
        precisions.append(float(average_precision_score(table.labels[splits.test], rare)))
        losses.append(float(log_loss(table.labels[splits.test], rare)))
    return precisions, losses, (time.monotonic() - start) / len(seeds)


def shown(values: list[float]) -> str:
    deviation = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.3f}{deviation}"


def arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with a folder for each table")
    parser.add_argument("--tables", nargs="+", choices=SOURCES, default=list(SOURCES))
    parser.add_argument("--encoders", nargs="*", default=["mlp", "ensemble_mlp", "feature_attention"])
    parser.add_argument("--seeds", type=int, default=3, help="number of splits")
    parser.add_argument(
        "--rivals-on",
        choices=("train_and_eval", "train"),
        default="train_and_eval",
        help="rows they learn from",
    )
    parser.add_argument("--output", type=Path, help="Markdown file to write besides")
    return parser.parse_args()


def main() -> None:
    chosen = arguments()
    others: dict[str, Callable[[Table, Splits, int], np.ndarray]] = dict(RIVALS)
    if chosen.rivals_on == "train":
        others = {name: on_train_alone(fit) for name, fit in others.items()}
    to = Written(chosen.output, "Encoders of tables", ["catboost"])
    for name in chosen.tables:
        source = SOURCES[name]
        table = read_table(chosen.data, source)
        to.line(f"{name}: {len(table.labels)} rows, {table.labels.sum()} of the rare class\n")
        to.line("| classifier | average precision | log loss | seconds |\n|---|---|---|---|")
        ours = {each: network(each, source) for each in chosen.encoders}
        for label, fit in {**others, **ours}.items():
            precisions, losses, seconds = measure(fit, table, range(chosen.seeds))
            to.line(f"| {label} | {shown(precisions)} | {shown(losses)} | {seconds:.0f} |")
        to.line()


if __name__ == "__main__":
    main()
