"""Embeddings of the records of splits, by the network that was trained."""

import hashlib
import os
from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf
from tfx.dsl.io import fileio

from components.decision_calibrator.embedded_records import EmbeddedRecords
from components.decision_calibrator.loaded_model import kept_model
from core.features import RECORD_KEY

_READ_AT_ONCE, _ASKED_AT_ONCE = 4096, 256
# Means and covariance of more records differ in digits that do not matter.
MOST_RECORDS = 20_000


def embed_split(
    folder: str, split_uri: str, label: str, classes: Sequence[str], most: int = MOST_RECORDS
) -> EmbeddedRecords:
    """Asks a model for the embeddings of a split's records.

    Of more than `most` records, every class keeps as many as the others have at most: all of a rare class, and of a common
    one those whose keys' digests are the smallest.

    Args:
        folder: Of the SavedModel, whose signature `embed` takes serialised tf.Examples.
        split_uri: Folder of gzipped TFRecord shards of raw tf.Examples.
        label: Feature of the class's name.
        classes: Names in index order; examples of another class are left out.
        most: Most records that are embedded, at least the number of classes.

    Returns:
        The records in the order of the shards.
    """
    paths = sorted(fileio.glob(os.path.join(split_uri, "*")))
    keys, labels = _keys_and_labels(paths, label, classes)
    rows = evenly_chosen(keys, labels, most)
    signature = kept_model(folder).signatures["embed"]
    vectors = [
        signature(examples=tf.constant(batch))["embedding"].numpy() for batch in _chosen_batches(paths, rows)
    ]
    units = signature.structured_outputs["embedding"].shape[1]
    return EmbeddedRecords(
        [keys[row] for row in rows],
        labels[rows],
        np.concatenate([np.empty((0, units), np.float32), *vectors]),
    )


def evenly_chosen(keys: Sequence[str], labels: np.ndarray, most: int) -> np.ndarray:
    """Returns the rows that are kept, int64, rising; see embed_split. Labels below 0 are left out."""
    counts = np.bincount(labels[labels >= 0])
    limit = _largest_limit(counts, most)
    rows: list[int] = []
    for index in np.flatnonzero(counts):
        mine = np.flatnonzero(labels == index).tolist()
        if len(mine) > limit:
            mine = sorted(mine, key=lambda row: hashlib.sha256(keys[row].encode()).digest())[:limit]
        rows += mine
    return np.sort(np.array(rows, np.int64))


def _largest_limit(counts: np.ndarray, most: int) -> int:
    """Returns the largest number of records a class may keep, so that all keep no more than `most`; at least 1."""
    low, high = 1, max(1, int(counts.max(initial=0)))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if np.minimum(counts, middle).sum() <= most else (low, middle - 1)
    return low


def _keys_and_labels(
    paths: Sequence[str], label: str, classes: Sequence[str]
) -> tuple[list[str], np.ndarray]:
    place = {name.encode(): index for index, name in enumerate(classes)}
    spec = {
        label: tf.io.FixedLenFeature([], tf.string),
        RECORD_KEY: tf.io.FixedLenFeature([], tf.string, default_value=""),
    }
    keys: list[str] = []
    labels: list[int] = []
    for batch in tf.data.TFRecordDataset(paths, "GZIP").batch(_READ_AT_ONCE):
        parsed = tf.io.parse_example(batch, spec)
        keys += [key.decode(errors="backslashreplace") for key in parsed[RECORD_KEY].numpy()]
        labels += [place.get(name, -1) for name in parsed[label].numpy()]
    return keys, np.array(labels, np.int64)


def _chosen_batches(paths: Sequence[str], rows: np.ndarray) -> Iterator[list[bytes]]:
    wanted = set(rows.tolist())
    batch: list[bytes] = []
    for row, example in enumerate(tf.data.TFRecordDataset(paths, "GZIP").as_numpy_iterator()):
        if row in wanted:
            batch.append(example)
        if len(batch) == _ASKED_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
