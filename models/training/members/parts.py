"""Parts of the records, each a file, so that a fold trains on some of the files and is judged on another."""

import dataclasses
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from core.errors import InputError
from core.features import KEY, LABEL, METHOD, PARENTS, SET
from models.network.layers.layer_seed import layer_seed
from models.training.job import TrainingJob
from models.training.members.assign_folds import assign_folds

_READ_AT_ONCE = 1024
# Written once and read once or twice: the fastest compression serves best.
_FAST = tf.io.TFRecordOptions(compression_type="GZIP", compression_level=1)


@dataclass(frozen=True)
class Bookkeeping:
    """What tells records apart, in the order of the files.

    Attributes:
        keys: Keys of the records.
        labels: Class indices, int64 `(records,)`.
        sets: Numbers of their sets, int64 `(records,)`, 0 for a record on its own.
        parents: Keys of the records that each was made of; None for one that nobody made.
    """

    keys: list[bytes]
    labels: np.ndarray
    sets: np.ndarray
    parents: list[tuple[bytes, ...] | None]


@dataclass(frozen=True)
class Parts:
    """Files by which folds they must be kept from.

    Attributes:
        own: File of each fold's own records.
        made: Files of made records, by the folds that hold one of their parents.
        folds: Fold of each record by its key, made ones left out.
        digest: Of all records, as hexadecimal digits.
    """

    own: tuple[str, ...]
    made: Mapping[frozenset[int], str]
    folds: Mapping[bytes, int]
    digest: str

    def job(self, job: TrainingJob, fold: int) -> TrainingJob:
        """Returns the training of a fold, with a seed of its own."""
        return dataclasses.replace(
            job,
            train=dataclasses.replace(job.train, paths=self.training(fold)),
            evaluation=dataclasses.replace(job.evaluation, paths=[self.own[fold]]),
            seed=layer_seed(job.seed, f"fold {fold}"),
        )

    def training(self, fold: int) -> list[str]:
        """Returns the files that a fold's network learns from: nothing of the fold, and nothing made of it."""
        own = [path for number, path in enumerate(self.own) if number != fold]
        return own + [path for folds, path in self.made.items() if fold not in folds]


def part_records(
    paths: Sequence[str], feature_spec: Mapping[str, Any], folder: str, asked: int, seed: int
) -> Parts:
    """Writes records into one file for each fold, and made ones into files by the folds of their parents.

    Args:
        paths: Gzipped TFRecord files of transformed examples.
        feature_spec: Transformed feature to parsing rule.
        folder: Where the parts go; it exists.
        asked: Folds asked for; see assign_folds for why there may be fewer.
        seed: Decides the folds.

    Raises:
        InputError: The records have no keys.
    """
    if KEY not in feature_spec:
        raise InputError(
            "training.folds tells records apart by the feature record_key, which the schema leaves out. Add it to the "
            "file of data.schema, or set training.folds to 1."
        )
    records = read_bookkeeping(paths, feature_spec)
    folds = _folds_by_key(records, asked, seed)
    places = [_place(key, parents, folds) for key, parents in zip(records.keys, records.parents, strict=True)]
    names = {place: f"{'made' if place[0] else 'own'}-{_joined(place[1])}.gz" for place in places}
    files = {
        place: os.path.join(folder, name) for place, name in sorted(names.items(), key=lambda one: one[1])
    }
    digest = _write(paths, places, files)
    own = {next(iter(of)): path for (is_made, of), path in files.items() if not is_made}
    made = {of: path for (is_made, of), path in files.items() if is_made}
    return Parts(tuple(own[fold] for fold in sorted(own)), made, folds, digest)


def read_bookkeeping(paths: Sequence[str], feature_spec: Mapping[str, Any]) -> Bookkeeping:
    """Reads what tells the records of gzipped TFRecord files apart."""
    rules = {
        # A schema may leave the keys out.
        KEY: tf.io.FixedLenFeature([], tf.string, ""),
        LABEL: feature_spec[LABEL],
        # Made records have no set, and others neither method nor parents.
        SET: tf.io.FixedLenFeature([], tf.int64, 0),
        METHOD: tf.io.VarLenFeature(tf.string),
        PARENTS: tf.io.RaggedFeature(tf.string),
    }
    keys: list[bytes] = []
    parents: list[tuple[bytes, ...] | None] = []
    labels, sets = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for serialized in tf.data.TFRecordDataset(list(paths), "GZIP").batch(_READ_AT_ONCE):
        found = tf.io.parse_example(serialized, rules)
        keys += found[KEY].numpy().reshape(-1).tolist()
        labels.append(found[LABEL].numpy().reshape(-1))
        sets.append(found[SET].numpy())
        methods = tf.sparse.to_dense(found[METHOD], b"").numpy()
        is_made = (methods != b"").any(axis=1) if methods.shape[1] else np.zeros(len(methods), bool)
        parents += [
            tuple(of) if made else None for made, of in zip(is_made, found[PARENTS].to_list(), strict=True)
        ]
    return Bookkeeping(keys, np.concatenate(labels), np.concatenate(sets), parents)


def _folds_by_key(records: Bookkeeping, asked: int, seed: int) -> dict[bytes, int]:
    rows = [row for row, parents in enumerate(records.parents) if parents is None]
    keys = [records.keys[row] for row in rows]
    folds = assign_folds(records.labels[rows], records.sets[rows], keys, asked, seed)
    return dict(zip(keys, folds.tolist(), strict=True))


def _place(
    key: bytes, parents: tuple[bytes, ...] | None, folds: Mapping[bytes, int]
) -> tuple[bool, frozenset[int]]:
    if parents is None:
        return False, frozenset([folds[key]])
    # A parent that is no longer there is in no fold.
    return True, frozenset(folds[parent] for parent in parents if parent in folds)


def _joined(folds: frozenset[int]) -> str:
    return "-".join(f"{fold:02d}" for fold in sorted(folds)) or "none"


def _write(
    paths: Sequence[str],
    places: Sequence[tuple[bool, frozenset[int]]],
    files: Mapping[tuple[bool, frozenset[int]], str],
) -> str:
    """Writes each record into the file of its place, and returns the digest of all."""
    hasher = hashlib.sha256()
    writers = {place: tf.io.TFRecordWriter(path, _FAST) for place, path in files.items()}
    for place, record in zip(places, _serialized(paths), strict=True):
        hasher.update(record)
        writers[place].write(record)
    for writer in writers.values():
        writer.close()
    return hasher.hexdigest()


def _serialized(paths: Sequence[str]) -> Iterator[bytes]:
    for batch in tf.data.TFRecordDataset(list(paths), "GZIP").batch(_READ_AT_ONCE).as_numpy_iterator():
        yield from batch.tolist()
