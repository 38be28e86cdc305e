"""Batches of an epoch: drawn, changed, mixed, paired."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from models.catalogue.sampling import REVERSED, REVERSED_ENDING
from models.input.crop_flip import crop_flip
from models.input.mixing import Mixing, mix_batch
from models.input.random_affine import turn_zoom
from models.input.sampling import Draws
from models.network.layers.layer_seed import layer_seed

Inputs = dict[str, tf.Tensor]


@dataclass(frozen=True)
class BatchPlan:
    """How the batches of training are made.

    Attributes:
        batch_size: Records in a batch; the last of an epoch may be smaller.
        class_counts: Numbers of training records, one for each class, each above 0.
        seed: Decides draws, order and all that is random, together with the epoch's number.
        sampling: How often each class is drawn: natural, class_balanced, sqrt or progressive.
        epochs: Number of epochs that `progressive` and the share of pairs are spread over.
        epoch: int64 `()`, the epoch's number from 0, read when an epoch begins; None counts the epochs read.
        mixing: What is done to a batch, or None.
        paired: Whether every record comes with a second one, drawn by reversed sampling.

    Raises:
        ValueError: A value is not known, or `paired` meets a mixing of labels.
    """

    batch_size: int
    class_counts: Sequence[int]
    seed: int
    sampling: str = "natural"
    epochs: int = 1
    epoch: tf.Variable | None = None
    mixing: Mixing | None = None
    paired: bool = False

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.epochs < 1:
            raise ValueError(
                "`batch_size` and `epochs` must be at least 1. "
                f"Received: batch_size={self.batch_size}, epochs={self.epochs}"
            )
        if self.paired and self.mixing is not None and self.mixing.mixes_labels:
            raise ValueError(
                "A pair of records is not mixed with a third. Received: paired=True with mixing "
                f"{self.mixing.kind!r}. Set `augmentation.image` to none, or `model.branches` to single."
            )

    @property
    def draws(self) -> list[Draws]:
        """What each side of the batch is drawn by."""
        sides = [self.sampling, REVERSED.name] if self.paired else [self.sampling]
        return [
            Draws(self.class_counts, sampling, self.epochs, self.seed, stream)
            for stream, sampling in enumerate(sides)
        ]

    @property
    def num_records(self) -> int:
        return int(np.sum(self.class_counts))

    @property
    def num_batches(self) -> int:
        return -(-self.num_records // self.batch_size)

    def epoch_number(self) -> tf.data.Dataset:
        """Makes a dataset of one element, the epoch's number, int64 `()`, looked up when it is read."""
        if self.epoch is not None:
            variable = self.epoch
            return tf.data.Dataset.from_tensors(0).map(lambda _: tf.cast(variable.read_value(), tf.int64))
        count = tf.Variable(-1, dtype=tf.int64, trainable=False)
        return tf.data.Dataset.from_tensors(0).map(lambda _: count.assign_add(1))

    def finish(
        self, epoch: tf.Tensor, number: tf.Tensor, sides: Sequence[tuple[Inputs, tf.Tensor]]
    ) -> tuple[Inputs, tf.Tensor]:
        """Turns drawn records into a batch.

        Args:
            epoch: Number of the epoch, int64 `()`.
            number: Number of the batch in the epoch, int64 `()`.
            sides: Inputs and labels, int64 `(batch,)`, of one or, if paired, two draws.

        Returns:
            Inputs, images as float32, and labels, int64 `(batch,)` or, if mixed or paired, float32
            `(batch, 3)`: a label, another one, and the share of the first in [0, 1].
        """
        step = epoch * self.num_batches + number

        def seed_of(purpose: str) -> tf.Tensor:
            return tf.stack([tf.constant(layer_seed(self.seed, purpose), tf.int64), step])

        changed = [
            (self._moved(inputs, labels, seed_of(f"crop_flip/{side}"), seed_of(f"turn_zoom/{side}")), labels)
            for side, (inputs, labels) in enumerate(sides)
        ]
        if self.paired:
            return self._pair(epoch, *changed)
        [(inputs, labels)] = changed
        if self.mixing is not None and self.mixing.mixes_labels:
            return mix_batch(inputs, labels, self.mixing, self.class_counts, seed_of("mixing"))
        return inputs, labels

    def _moved(self, inputs: Inputs, labels: tf.Tensor, crop_seed: tf.Tensor, turn_seed: tf.Tensor) -> Inputs:
        if "image" not in inputs:
            return inputs
        image = inputs["image"]
        if self.mixing is not None and (self.mixing.crop or self.mixing.flip):
            image = crop_flip(image, labels, self.mixing, self.class_counts, crop_seed)
        if self.mixing is not None and self.mixing.turn:
            image = turn_zoom(image, labels, self.class_counts, turn_seed, self.mixing.turn_strength)
        # Kept as bytes until here: a quarter of the memory.
        return {**inputs, "image": tf.cast(image, tf.float32)}

    def _pair(
        self, epoch: tf.Tensor, first: tuple[Inputs, tf.Tensor], second: tuple[Inputs, tf.Tensor]
    ) -> tuple[Inputs, tf.Tensor]:
        """Joins two draws; the first counts `1 - (epoch / epochs)**2`, BBN's cumulative learning."""
        inputs = {**first[0], **{f"{name}{REVERSED_ENDING}": value for name, value in second[0].items()}}
        share = 1.0 - (tf.cast(epoch, tf.float32) / self.epochs) ** 2
        share = tf.broadcast_to(tf.maximum(share, 0.0), tf.shape(first[1]))
        labels = [tf.cast(labels, tf.float32) for _, labels in (first, second)]
        return inputs, tf.stack([*labels, share], axis=1)


def batches_of_arrays(inputs: Inputs, labels: tf.Tensor, plan: BatchPlan) -> tf.data.Dataset:
    """Makes training batches of records that are in memory.

    Args:
        inputs: What the network takes, of all records; images may be uint8.
        labels: Class indices, int64 `(records,)`.
        plan: How batches are made.

    Returns:
        One epoch of batches of `(inputs, labels)`: see `BatchPlan.finish`. Another one at each reading.

    Raises:
        ValueError: The labels are not as many of each class as the plan says.
    """
    numbers = np.asarray(labels)
    counts = np.bincount(numbers, minlength=len(plan.class_counts))
    if counts.tolist() != list(plan.class_counts):
        raise ValueError(
            f"`class_counts` must be the counts of the labels, {counts.tolist()}. "
            f"Received: class_counts={list(plan.class_counts)}"
        )

    num_sides, whole = len(plan.draws), plan.num_records // plan.batch_size

    def drawn(epoch: np.ndarray) -> np.ndarray:
        return np.stack([draws.positions(numbers, int(epoch)) for draws in plan.draws], axis=1)

    # AutoGraph has nothing to convert here, and takes its time to find that out.
    @tf.autograph.experimental.do_not_convert
    def of_epoch(epoch: tf.Tensor) -> tf.data.Dataset:
        shape = (plan.num_records, num_sides)
        positions = tf.ensure_shape(tf.numpy_function(drawn, [epoch], tf.int64), shape)
        # Cut into batches here and now: a function that cuts one off for each step would take some hundredths of a
        # small network's time.
        end = whole * plan.batch_size
        blocks = tf.reshape(positions[:end], (whole, plan.batch_size, num_sides))
        batches = tf.data.Dataset.from_tensor_slices(blocks)
        if end < plan.num_records:
            batches = batches.concatenate(tf.data.Dataset.from_tensors(positions[end:]))
        epochs = tf.data.Dataset.from_tensors(epoch).repeat()
        return tf.data.Dataset.zip((epochs, tf.data.Dataset.range(plan.num_batches), batches))

    @tf.autograph.experimental.do_not_convert
    def batch(epoch: tf.Tensor, number: tf.Tensor, positions: tf.Tensor) -> tuple[Inputs, tf.Tensor]:
        sides = []
        for chosen in tf.unstack(positions, axis=1, num=num_sides):
            gathered = {name: tf.gather(values, chosen) for name, values in inputs.items()}
            sides.append((gathered, tf.gather(labels, chosen)))
        return plan.finish(epoch, number, sides)

    return as_epoch(plan.epoch_number().flat_map(of_epoch).map(batch, **IN_ORDER), plan)


IN_ORDER = {"num_parallel_calls": tf.data.AUTOTUNE, "deterministic": True}


def as_epoch(batches: tf.data.Dataset, plan: BatchPlan) -> tf.data.Dataset:
    """Says how many batches there are, which Keras would else learn from the first epoch alone."""
    return batches.apply(tf.data.experimental.assert_cardinality(plan.num_batches)).prefetch(tf.data.AUTOTUNE)
