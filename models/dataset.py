"""Transformed examples on disk as batches in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from models.features import CATEGORICAL, IMAGE, LABEL, MISSING, NUMERIC
from models.images import decode_image

_COLUMNS = {NUMERIC: "numeric", MISSING: "missing", CATEGORICAL: "categorical"}
_SHUFFLED_RECORDS = 100_000
# Decoded images up to this size stay in memory; more are decoded again in every epoch.
_CACHED_BYTES = 2 * 2**30


@dataclass(frozen=True)
class ExampleFiles:
    """Transformed examples of one split.

    Attributes:
        paths: Gzipped TFRecord files, sorted.
        feature_spec: Transformed feature to parsing rule.
        image_size: Height and width that images are decoded to.
        channels: Channels that images are decoded to.
    """

    paths: Sequence[str]
    feature_spec: dict[str, Any]
    image_size: tuple[int, int]
    channels: int

    def class_counts(self, num_classes: int) -> np.ndarray:
        """Counts the examples of every class, int64 `(num_classes,)`."""
        counts = np.zeros(num_classes, np.int64)
        spec = {LABEL: self.feature_spec[LABEL]}
        for serialized in tf.data.TFRecordDataset(self.paths, "GZIP").batch(4096):
            labels = tf.io.parse_example(serialized, spec)[LABEL]
            counts += np.bincount(labels.numpy().reshape(-1), minlength=num_classes)
        return counts

    def batches(self, batch_size: int, num_records: int, shuffle_seed: int | None = None) -> tf.data.Dataset:
        """Reads the examples.

        Args:
            batch_size: Records in a batch; the last may be smaller.
            num_records: Number of records in the files.
            shuffle_seed: Decides the order, which is another one in every epoch; None keeps that of the files.

        Returns:
            Batches of `(inputs, label)`: what the network takes, and int64 `(batch,)`.
        """
        files = tf.data.Dataset.from_tensor_slices(list(self.paths))
        if shuffle_seed is None:
            records = files.interleave(_read, cycle_length=1)
        else:
            # One shard may hold one class alone; reading all of them at once mixes them.
            records = files.interleave(_read, cycle_length=min(len(self.paths), 64))
        if IMAGE in self.feature_spec:
            records = records.map(self._parse_one, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
            pixels = self.image_size[0] * self.image_size[1] * self.channels
            if num_records * pixels <= _CACHED_BYTES:
                records = records.cache()
            batches = self._shuffled(records, num_records, shuffle_seed).batch(batch_size)
            # Kept as bytes until here: a quarter of the memory.
            batches = batches.map(_float_images, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        else:
            batches = self._shuffled(records.cache(), num_records, shuffle_seed).batch(batch_size)
            batches = batches.map(self._parse_batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        return batches.prefetch(tf.data.AUTOTUNE)

    def _shuffled(self, records: tf.data.Dataset, num_records: int, seed: int | None) -> tf.data.Dataset:
        if seed is None:
            return records
        return records.shuffle(min(num_records, _SHUFFLED_RECORDS), seed=seed, reshuffle_each_iteration=True)

    def _parse_one(self, serialized: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        features = tf.io.parse_single_example(serialized, self.feature_spec)
        inputs = {name: features[key] for key, name in _COLUMNS.items() if key in features}
        inputs["image"] = tf.cast(decode_image(features[IMAGE], self.image_size, self.channels), tf.uint8)
        return inputs, features[LABEL]

    def _parse_batch(self, serialized: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        features = tf.io.parse_example(serialized, self.feature_spec)
        return {name: features[key] for key, name in _COLUMNS.items() if key in features}, features[LABEL]


def _read(path: tf.Tensor) -> tf.data.Dataset:
    return tf.data.TFRecordDataset(path, "GZIP")


def _float_images(inputs: dict[str, tf.Tensor], label: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    return {**inputs, "image": tf.cast(inputs["image"], tf.float32)}, label
