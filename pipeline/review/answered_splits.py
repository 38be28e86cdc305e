"""Asks the model of a run for answers and embeddings of the run's own records, and says which answers are held out."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from components.stratified_example_gen.images.near_duplicates import difference_hash
from components.stratified_example_gen.settings import SPLITS, DataSettings
from core.features import BOOKKEEPING, RECORD_KEY
from core.out_of_fold import OutOfFold
from pipeline.review.finished_run import FinishedRun

OUT_OF_FOLD, SERVED = 0, 1
_BATCH = 256


@dataclass(frozen=True)
class AnsweredSplits:
    """Records of train, eval and test, in that order.

    Attributes:
        classes: Names of the classes, in the order of the answers.
        keys: Keys of the records.
        labels: Class indices, int64 `(records,)`.
        splits: Index into SPLITS, int64 `(records,)`.
        probabilities: float32 `(records, classes)`, held out where `sources` says so.
        sources: int64 `(records,)`: OUT_OF_FOLD for what the network of a fold says that was not trained on the record,
            SERVED for what the decided model says of records of eval and test, -1 for a record that every network that
            answers was trained on.
        embeddings: float32 `(records, units)`, of the decided model.
        contents: uint64 `(records,)`, equal for records of equal content without its class; with an image, of the
            columns beside it alone.
        hashes: uint64 `(records,)`, what the images look like (see difference_hash); empty without images.
    """

    classes: tuple[str, ...]
    keys: list[str]
    labels: np.ndarray
    splits: np.ndarray
    probabilities: np.ndarray
    sources: np.ndarray
    embeddings: np.ndarray
    contents: np.ndarray
    hashes: np.ndarray


def split_shards(examples: str) -> list[str]:
    """Returns the paths of all shards of a run's raw examples."""
    return [path for split in SPLITS for path in _shards(examples, split)]


def answer_splits(run: FinishedRun, data: DataSettings, model: Any, classes: Sequence[str]) -> AnsweredSplits:
    """Reads every record once.

    Args:
        run: The run; where it was trained by folds, their answers to train and eval lie beside its model.
        data: Its data settings.
        model: Its SavedModel, loaded.
        classes: Names in the order of the model's probabilities.
    """
    index_of = {name: place for place, name in enumerate(classes)}
    answered = _Gathered()
    for place, split in enumerate(SPLITS):
        for serialized in _batches(_shards(run.examples, split)):
            keys, names = _keys_and_names(serialized, data.label)
            answered.keys += keys
            answered.labels += [index_of[name] for name in names]
            answered.splits += [place] * len(keys)
            batch = tf.constant(serialized)
            answered.probabilities.append(
                model.signatures["serving_default"](examples=batch)["probabilities"].numpy()
            )
            answered.embeddings.append(model.signatures["embed"](examples=batch)["embedding"].numpy())
            for example in serialized:
                answered.look_at(example, data)
    return answered.against(tuple(classes), OutOfFold.read_if_there(run.model_run))


class _Gathered:
    """Lists that grow with the records."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.labels: list[int] = []
        self.splits: list[int] = []
        self.probabilities: list[np.ndarray] = []
        self.embeddings: list[np.ndarray] = []
        self._contents: list[int] = []
        self._hashes: list[int] = []

    def look_at(self, serialized: bytes, data: DataSettings) -> None:
        """Takes down what a record holds besides its class and its key."""
        image = data.image_feature
        example = tf.train.Example.FromString(serialized)
        features = example.features.feature
        if image is not None:
            encoded = features[image].bytes_list.value[0]
            self._hashes.append(difference_hash(encoded, data.max_image_pixels))
        for name in (data.label, image, *BOOKKEEPING):
            if name is not None and name in features:
                del features[name]
        content = example.SerializeToString(deterministic=True)
        self._contents.append(int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little"))

    def against(self, classes: tuple[str, ...], out_of_fold: OutOfFold | None) -> AnsweredSplits:
        """Puts answers out of fold in the place of those of networks that were trained on the record."""
        probabilities = np.concatenate(self.probabilities)
        splits = np.array(self.splits, np.int64)
        sources = np.where(splits == SPLITS.index("train"), -1, SERVED)
        if out_of_fold is not None:
            order = [out_of_fold.classes.index(name) for name in classes]
            answers = np.exp(out_of_fold.answers)[:, order]
            place = {key: row for row, key in enumerate(out_of_fold.keys)}
            for row, key in enumerate(self.keys):
                if key in place and splits[row] != SPLITS.index("test"):
                    probabilities[row] = answers[place[key]]
                    sources[row] = OUT_OF_FOLD
        return AnsweredSplits(
            classes,
            self.keys,
            np.array(self.labels, np.int64),
            splits,
            probabilities,
            sources,
            np.concatenate(self.embeddings),
            np.array(self._contents, np.uint64),
            np.array(self._hashes, np.uint64),
        )


def _keys_and_names(serialized: list[bytes], label: str) -> tuple[list[str], list[str]]:
    spec = {name: tf.io.FixedLenFeature([], tf.string) for name in (RECORD_KEY, label)}
    parsed = tf.io.parse_example(serialized, spec)
    # A path that is not UTF-8 has been refused as a record.
    return [[text.decode() for text in parsed[name].numpy()] for name in (RECORD_KEY, label)]  # type: ignore[return-value]


def _batches(paths: list[str]) -> Iterator[list[bytes]]:
    for batch in tf.data.TFRecordDataset(paths, "GZIP").batch(_BATCH) if paths else ():
        yield batch.numpy().tolist()


def _shards(examples: str, split: str) -> list[str]:
    folder = os.path.join(examples, f"Split-{split}")
    return sorted(os.path.join(folder, name) for name in os.listdir(folder))
