"""Records of a split as arrays, all passed through one transform graph."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from tfx.dsl.io import fileio

from components.contenders.sampling import digests, highest_kept
from core.features import CATEGORICAL, IMAGE, KEY, LABEL, MISSING, NUMERIC

_ROWS, _IMAGES = 4096, 256
_COLUMNS = (NUMERIC, MISSING, CATEGORICAL)

Batch = dict[str, np.ndarray]
# Reads some features of a split from its beginning.
Read = Callable[[tuple[str, ...]], Iterator[Batch]]


@dataclass(frozen=True)
class Columns:
    """A split's columns in memory.

    Attributes:
        numeric: Normal scores and flags of what was missing, float32 `(n, 2 * numeric columns)`.
        categorical: Indices of categories, int64 `(n, categorical columns)`.
    """

    numeric: np.ndarray
    categorical: np.ndarray


@dataclass(frozen=True)
class Split:
    """A split, read when it is asked for.

    Attributes:
        labels: Class indices, int64 `(n,)`, in the order of the files.
        read: Yields batches of features of these records, in the same order.
        order: Places of the records in an order that does not depend on who wrote the files, int64 `(n,)`.
        kept: Which of the files' records these are, bool; None of all.
    """

    labels: np.ndarray
    read: Read
    order: np.ndarray
    kept: np.ndarray | None = None

    def columns(self) -> Columns:
        """Reads the columns; each part has none where the records have none."""
        batches = list(self.read(_COLUMNS))

        def joined(names: tuple[str, ...], dtype: Any) -> np.ndarray:
            parts = [
                np.concatenate([batch[name] for batch in batches]).astype(dtype)
                for name in names
                if batches and name in batches[0]
            ]
            return np.concatenate(parts, axis=1) if parts else np.empty((len(self.labels), 0), dtype)

        return Columns(joined((NUMERIC, MISSING), np.float32), joined((CATEGORICAL,), np.int64))

    def images(self) -> Iterator[list[bytes]]:
        """Yields encoded images, batch by batch."""
        return (batch[IMAGE].tolist() for batch in self.read((IMAGE,)))


def transformed_split(uri: str, transform: tft.TFTransformOutput, most: int, seed: int) -> tuple[Split, int]:
    """Opens a split that Transform wrote.

    Args:
        uri: Its folder of gzipped TFRecord shards.
        transform: Transform's output.
        most: Most records to take; of more, those with the smallest digests of their class.
        seed: Decides the digests.

    Returns:
        The split, and the number of records it has on disk.
    """
    spec = transform.transformed_feature_spec()

    def read(names: tuple[str, ...]) -> Iterator[Batch]:
        wanted = {name: spec[name] for name in names if name in spec}
        if not wanted:
            return
        for serialized in _records(uri, names):
            parsed = tf.io.parse_example(serialized, wanted)
            yield {name: values.numpy() for name, values in parsed.items()}

    batches = [(batch[LABEL].reshape(-1), _digests(batch, seed)) for batch in read((LABEL, KEY))]
    labels = np.concatenate([np.empty(0, np.int64), *(batch for batch, _ in batches)])
    numbers = np.concatenate([np.empty(0, np.uint64), *(batch for _, batch in batches)])
    if len(labels) <= most:
        return Split(labels, read, np.argsort(numbers, kind="stable")), len(labels)
    highest = highest_kept({index: numbers[labels == index] for index in np.unique(labels).tolist()}, most)
    kept = numbers <= np.array([highest[index] for index in labels.tolist()], np.uint64)
    return Split(labels[kept], _only(read, kept), np.argsort(numbers[kept], kind="stable")), len(labels)


def raw_split(uri: str, transform: tft.TFTransformOutput) -> Split:
    """Opens a split of raw examples, which the transform graph turns into what Transform writes.

    Records of a class that train does not hold are left out.

    Args:
        uri: Its folder of gzipped TFRecord shards.
        transform: Transform's output.
    """
    layer, spec = transform.transform_features_layer(), transform.raw_feature_spec()
    graph = tf.function(
        lambda serialized: layer(tf.io.parse_example(serialized, spec)), [tf.TensorSpec([None], tf.string)]
    )

    def read(names: tuple[str, ...]) -> Iterator[Batch]:
        for serialized in _records(uri, names):
            transformed = graph(serialized)
            yield {name: transformed[name].numpy() for name in names if name in transformed}

    labels = np.concatenate([np.empty(0, np.int64), *(batch[LABEL].reshape(-1) for batch in read((LABEL,)))])
    known = labels >= 0
    return Split(labels[known], _only(read, known), np.arange(known.sum()), known)


def _only(read: Read, kept: np.ndarray) -> Read:
    """Leaves out the records where `kept`, bool `(n,)`, is False."""
    if kept.all():
        return read

    def read_kept(names: tuple[str, ...]) -> Iterator[Batch]:
        start = 0
        for batch in read(names):
            size = len(next(iter(batch.values()))) if batch else 0
            rows = kept[start : start + size]
            start += size
            yield {name: values[rows] for name, values in batch.items()}

    return read_kept


def _records(uri: str, names: tuple[str, ...]) -> tf.data.Dataset:
    paths = sorted(fileio.glob(os.path.join(uri, "*")))
    return tf.data.TFRecordDataset(paths, "GZIP").batch(_IMAGES if IMAGE in names else _ROWS)


def _digests(batch: Batch, seed: int) -> np.ndarray:
    # Without keys no record can be told from another; none of them is then left out.
    keys = batch[KEY].reshape(-1).tolist() if KEY in batch else [b""] * len(batch[LABEL])
    return digests(keys, seed)
