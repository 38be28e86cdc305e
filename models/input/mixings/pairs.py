"""Pairs of records of a batch, and blends of them."""

from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class Pairs:
    """The records of a batch, each with another of them.

    Attributes:
        inputs: As the network takes them, by name, each `(batch, …)`.
        partner: Place of each record's partner in the batch, int32 `(batch,)`.
        share: How much of each record is to be its own, float32 `(batch,)` in [0, 1].
        count: Training records of each record's class, float32 `(batch,)`.
        partner_count: Those of its partner's class, float32 `(batch,)`.
        seed: int64 `(2,)`, decides what else is random.
    """

    inputs: dict[str, tf.Tensor]
    partner: tf.Tensor
    share: tf.Tensor
    count: tf.Tensor
    partner_count: tf.Tensor
    seed: tf.Tensor

    def blended(self, name: str, share: tf.Tensor) -> tf.Tensor:
        """Blends an input by shares `(batch,)`; whole numbers are those of the record with the greater share."""
        values = self.inputs[name]
        others = tf.gather(values, self.partner)
        share = tf.reshape(share, [-1, *[1] * (values.shape.rank - 1)])
        if not values.dtype.is_floating:
            return tf.where(share >= 0.5, values, others)
        share = tf.cast(share, values.dtype)
        return share * values + (1 - share) * others

    def all_blended(self) -> dict[str, tf.Tensor]:
        """Blends every input by the pairs' shares."""
        return {name: self.blended(name, self.share) for name in self.inputs}


@dataclass(frozen=True)
class Mixed:
    """What becomes of pairs.

    Attributes:
        inputs: As the network takes them, by name, each `(batch, …)`.
        share: How much the label of each record is its own, float32 `(batch,)` in [0, 1].
    """

    inputs: dict[str, tf.Tensor]
    share: tf.Tensor
