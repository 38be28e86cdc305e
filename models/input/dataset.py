"""Transformed examples on disk as batches in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf

from core.features import CATEGORICAL, IMAGE, KEY, LABEL, MISSING, NUMERIC, SET
from models.input.batches import IN_ORDER, BatchPlan, Inputs, as_epoch, batches_of_arrays
from models.input.mixing import Mixing
from models.input.sampling import Draws
from models.input.streamed_sampling import drawn_from_stream
from models.preprocessing.images import decode_image

_COLUMNS = {NUMERIC: "numeric", MISSING: "missing", CATEGORICAL: "categorical"}
_SHUFFLED_RECORDS = 100_000
_SHUFFLED_BYTES = 2**28
# Decoded records up to this size stay in memory; more are read and decoded again in every epoch.
_CACHED_BYTES = 2 * 2**30
_READ_AT_ONCE = 256


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
    feature_spec: Mapping[str, Any]
    image_size: tuple[int, int]
    channels: int
    # Records in memory: stages of one training and its epochs read the files once.
    _arrays: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def class_counts(self, num_classes: int) -> np.ndarray:
        """Counts the examples of every class, int64 `(num_classes,)`."""
        counts = np.zeros(num_classes, np.int64)
        for serialized in tf.data.TFRecordDataset(self.paths, "GZIP").batch(4096):
            counts += np.bincount(self._labels(serialized).numpy(), minlength=num_classes)
        return counts

    def batches(self, batch_size: int, num_records: int) -> tf.data.Dataset:
        """Reads the examples in the order of the files, as evaluation does.

        Args:
            batch_size: Records in a batch; the last may be smaller.
            num_records: Number of records in the files.

        Returns:
            Batches of `(inputs, label)`: what the network takes, and int64 `(batch,)`.
        """
        batches = self._decoded(self._records(), batch_size)
        if self._fits(num_records):
            batches = batches.cache()
        known = tf.data.experimental.assert_cardinality(-(-num_records // batch_size))
        return batches.map(_float_images, **IN_ORDER).apply(known).prefetch(tf.data.AUTOTUNE)

    def training_batches(
        self,
        batch_size: int,
        class_counts: Sequence[int] | np.ndarray,
        seed: int,
        *,
        sampling: str = "natural",
        epochs: int = 1,
        epoch: tf.Variable | None = None,
        mixing: Mixing | None = None,
        paired: bool = False,
    ) -> tf.data.Dataset:
        """Draws one epoch of batches for training; each reading of the dataset is another epoch.

        An epoch always has as many records as the files. Records that fit in memory are read here and now,
        and kept; others pass by once in every epoch, shuffled within a bounded buffer.

        Args:
            batch_size: Records in a batch; the last may be smaller.
            class_counts: Numbers of records in the files, `(num_classes,)`, each above 0.
            seed: Decides draws, order and all that is random.
            sampling: natural, class_balanced, sqrt or progressive: see `class_probabilities`.
            epochs: Number of epochs that `progressive` and the share of pairs are spread over.
            epoch: int64 `()`, the epoch's number from 0, read when an epoch begins; None counts the readings.
            mixing: What is done to a batch, or None.
            paired: Whether every record comes with a second one, drawn with probability proportional to
                one over its class's count; its inputs are named `<name>_reversed`.

        Returns:
            Batches of `(inputs, labels)`: what the network takes, and int64 `(batch,)` or, if mixed or
            paired, float32 `(batch, 3)`: a label, another one, and the first one's share in [0, 1].

        Raises:
            ValueError: An argument is out of range, or `class_counts` are not those of the files.
        """
        counts = tuple(int(count) for count in class_counts)
        plan = BatchPlan(batch_size, counts, seed, sampling, epochs, epoch, mixing, paired)
        if self._fits(plan.num_records):
            return batches_of_arrays(*self._in_memory(), plan)
        sides = tuple(self._decoded(self._drawn(draws, plan), batch_size) for draws in plan.draws)
        epoch_number = plan.epoch_number().flat_map(
            lambda number: tf.data.Dataset.from_tensors(number).repeat()
        )
        numbered = tf.data.Dataset.zip((epoch_number, tf.data.Dataset.range(plan.num_batches), sides))
        return as_epoch(numbered.map(plan.finish, **IN_ORDER), plan)

    def _drawn(self, draws: Draws, plan: BatchPlan) -> tf.data.Dataset:
        seed = 2 * plan.seed + draws.stream
        # One shard may hold one class alone; reading all of them at once mixes them.
        records = self._shuffled(self._records(min(len(self.paths), 64)), draws.total, seed)
        if draws.sampling == "natural":
            return records
        drawn = drawn_from_stream(records, self._labels, draws, plan.epoch_number())
        return self._shuffled(drawn, draws.total, seed)

    def _in_memory(self) -> tuple[Inputs, tf.Tensor]:
        """Reads all inputs and labels; from the second time on returns those read.

        Where records have keys, these decide the order, not which of Transform's workers wrote what.
        """
        if not self._arrays:
            batches = list(self._decoded(self._records(), _READ_AT_ONCE))
            order = self._order()
            names = batches[0][0] if batches else ()
            self._arrays["inputs"] = {
                name: _joined([inputs.pop(name) for inputs, _ in batches], order) for name in tuple(names)
            }
            self._arrays["labels"] = _joined([labels for _, labels in batches], order)
        return self._arrays["inputs"], self._arrays["labels"]

    def _order(self) -> np.ndarray | None:
        """Returns the places of the records by the digests of their keys; None where they have none."""
        if KEY not in self.feature_spec:
            return None
        digests = [np.empty(0, np.int64)]
        for serialized in self._records().batch(_READ_AT_ONCE):
            keys = tf.io.parse_example(serialized, {KEY: self.feature_spec[KEY]})[KEY]
            digests.append(tf.strings.to_hash_bucket_fast(tf.reshape(keys, [-1]), 2**63 - 1).numpy())
        return np.argsort(np.concatenate(digests), kind="stable")

    def _records(self, files_at_once: int = 1) -> tf.data.Dataset:
        files = tf.data.Dataset.from_tensor_slices(list(self.paths))
        return files.interleave(_read, cycle_length=files_at_once)

    def _shuffled(self, records: tf.data.Dataset, num_records: int, seed: int) -> tf.data.Dataset:
        on_disk = sum(tf.io.gfile.stat(path).length for path in self.paths)
        held = min(num_records, _SHUFFLED_RECORDS, max(_SHUFFLED_BYTES * num_records // max(on_disk, 1), 1))
        return records.shuffle(held, seed=seed, reshuffle_each_iteration=True)

    def _fits(self, num_records: int) -> bool:
        size = sum(
            int(np.prod(self.feature_spec[key].shape)) * self.feature_spec[key].dtype.size
            for key in _COLUMNS
            if key in self.feature_spec
        )
        if IMAGE in self.feature_spec:
            size += self.image_size[0] * self.image_size[1] * self.channels
        return num_records * size <= _CACHED_BYTES

    def _labels(self, serialized: tf.Tensor) -> tf.Tensor:
        return tf.reshape(tf.io.parse_example(serialized, {LABEL: self.feature_spec[LABEL]})[LABEL], [-1])

    def _decoded(self, records: tf.data.Dataset, batch_size: int) -> tf.data.Dataset:
        """Makes batches of inputs, images still bytes, and labels of serialised records."""
        if IMAGE in self.feature_spec:
            return records.map(self._parse_one, **IN_ORDER).batch(batch_size)
        return records.batch(batch_size).map(self._parse_batch, **IN_ORDER)

    def _used(self) -> Mapping[str, Any]:
        """Returns the parsing rules of what training takes: new records have not all that the others have."""
        return {name: rule for name, rule in self.feature_spec.items() if name not in (KEY, SET)}

    # AutoGraph has nothing to convert here, and takes its time to find that out.
    @tf.autograph.experimental.do_not_convert
    def _parse_one(self, serialized: tf.Tensor) -> tuple[Inputs, tf.Tensor]:
        features = tf.io.parse_single_example(serialized, self._used())
        inputs = {name: features[key] for key, name in _COLUMNS.items() if key in features}
        inputs["image"] = tf.cast(decode_image(features[IMAGE], self.image_size, self.channels), tf.uint8)
        return inputs, features[LABEL]

    @tf.autograph.experimental.do_not_convert
    def _parse_batch(self, serialized: tf.Tensor) -> tuple[Inputs, tf.Tensor]:
        features = tf.io.parse_example(serialized, self._used())
        return {name: features[key] for key, name in _COLUMNS.items() if key in features}, features[LABEL]


def _joined(parts: list[tf.Tensor], order: np.ndarray | None) -> tf.Tensor:
    whole = tf.concat(parts, axis=0)
    return whole if order is None else tf.gather(whole, order)


def _read(path: tf.Tensor) -> tf.data.Dataset:
    return tf.data.TFRecordDataset(path, "GZIP")


def _float_images(inputs: Inputs, label: tf.Tensor) -> tuple[Inputs, tf.Tensor]:
    return {
        name: tf.cast(value, tf.float32) if name == "image" else value for name, value in inputs.items()
    }, label
