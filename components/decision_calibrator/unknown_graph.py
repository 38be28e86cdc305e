"""Unlikeness and the decision `unknown` as TensorFlow operations, which a served model answers by."""

import numpy as np
import tensorflow as tf

from components.decision_calibrator.unknown import Unknown
from components.decision_calibrator.unlikeness import SHORTEST, ClassDistance
from core.decision_words import UNKNOWN


class ServedUnknown(tf.Module):
    """Computes what `Unlikeness.of` and `Unknown.calls_unknown` do.

    In float64: a distance is the small difference of large numbers.
    """

    def __init__(self, unknown: Unknown):
        """Takes means and covariances as variables, which the signatures of a SavedModel share.

        Args:
            unknown: What is fitted.
        """
        super().__init__()
        self._units = unknown.unlikeness.units
        self._usual = unknown.unlikeness.usual.tolist()
        self._threshold = np.float32(unknown.threshold)
        self._distances = [_ServedDistance(one) for one in unknown.unlikeness.distances]

    def mark(self, answers: dict[str, tf.Tensor], embedding: tf.Tensor) -> dict[str, tf.Tensor]:
        """Adds `unlikeness` and `unknown` to a model's answers, and says so in `decision`, whatever it says there.

        Args:
            answers: Output to tensor, `decision` among them.
            embedding: float32 `(batch, units)`.
        """
        unlikeness = self._unlikeness(embedding)
        # One that is no number is unlike everything.
        unknown = tf.logical_not(unlikeness <= self._threshold)
        decision = tf.where(unknown, UNKNOWN, answers["decision"])
        return {**answers, "decision": decision, "unlikeness": unlikeness, "unknown": unknown}

    def _unlikeness(self, embedding: tf.Tensor) -> tf.Tensor:
        parts = tf.split(tf.cast(embedding, tf.float64), self._units, axis=1)
        distances = [
            one.of(part) / usual for one, part, usual in zip(self._distances, parts, self._usual, strict=True)
        ]
        return tf.cast(tf.add_n(distances) / len(distances), tf.float32)


class _ServedDistance(tf.Module):
    """Computes what `ClassDistance.of` does."""

    def __init__(self, distance: ClassDistance):
        super().__init__()
        self._whitening = tf.Variable(distance.whitening, trainable=False, name="whitening")
        self._means = tf.Variable(distance.means, trainable=False, name="means")
        self._stretch = distance.stretch

    def of(self, vectors: tf.Tensor) -> tf.Tensor:
        """Computes the distances, float64 `(batch,)`, of embeddings, float64 `(batch, units)`."""
        lengths = tf.maximum(tf.norm(vectors, axis=1, keepdims=True), SHORTEST)
        coordinates = tf.concat([vectors / lengths, tf.math.log(lengths)], axis=1)
        placed = tf.matmul(coordinates, self._whitening)
        squares = (
            tf.reduce_sum(tf.square(placed), axis=1, keepdims=True)
            - 2 * tf.matmul(placed, self._means, transpose_b=True)
            + tf.reduce_sum(tf.square(self._means), axis=1)
        )
        return tf.reduce_min(tf.sqrt(tf.maximum(squares, 0) / self._stretch), axis=1)
