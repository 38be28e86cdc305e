"""Tables as arrays, split and scaled as the pipeline does it, for benchmarks that train on them by themselves."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

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
    """

    path: str
    label: str
    rare: str
    drop: tuple[str, ...]
    batch_size: int


SOURCES = {
    "mammography": Source("mammography/mammography.csv", "target", "1", (), 256),
    "bank_marketing": Source("bank_marketing/bank.csv", "deposit", "yes", ("duration",), 512),
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
