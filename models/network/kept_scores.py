"""Metrics that are computed once, over all scores of an evaluation."""

from abc import abstractmethod
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.mixed_labels import dominant_labels


class KeptScores(keras.metrics.Metric):
    """Keeps what a network answers until an evaluation's last record, when a subclass computes figures of it.

    Keras asks for a result after every batch, and a sort or a search each time would cost more than the model
    itself. Before the last record, and after a further one, the figures are NaN: over training, which is longer, they
    say nothing.

    Call arguments:
        y_true: Class indices, `(batch,)` or `(batch, 1)`, or mixed labels, `(batch, 3)`, of which the first
            is counted.
        y_pred: Logits, `(batch, num_classes)` or, of several members whose probabilities are averaged,
            `(batch, members, num_classes)`. What comes after the classes is left out.
        sample_weight: Optional weight of each record, `(batch,)`, or one for all.

    Args:
        num_classes: Number of classes, at least 2.
        num_records: Number of records in an evaluation, at least 1.
        num_figures: Number of figures that are computed.
        name: Name of the metric.
        **kwargs: What `keras.metrics.Metric` takes besides.

    Raises:
        ValueError: A number is too small.
    """

    def __init__(self, num_classes: int, num_records: int, num_figures: int, name: str, **kwargs: Any):
        super().__init__(name=name, **kwargs)
        if num_classes < 2 or num_records < 1:
            raise ValueError(
                "`num_classes` must be at least 2 and `num_records` at least 1. "
                f"Received: num_classes={num_classes}, num_records={num_records}"
            )
        self.num_classes, self.num_records = int(num_classes), int(num_records)
        self._num_figures = num_figures
        # Plain variables: Keras's own are not written to in slices.
        self._scores = _variable(tf.zeros((self.num_records, self.num_classes)))
        self._labels = _variable(tf.zeros(self.num_records, tf.int32))
        self._weights = _variable(tf.zeros(self.num_records, tf.float64))
        self._seen = _variable(tf.constant(0, tf.int64))
        self._figures = _variable(self._unknown())

    @abstractmethod
    def scores_of(self, logits: tf.Tensor) -> tf.Tensor:
        """Computes what is kept, `(batch, num_classes)`, of float32 logits `(batch, num_classes)` or with members."""

    @abstractmethod
    def figures_of(self, scores: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        """Computes float32 `(num_figures,)` of all records' scores, labels, int32, and weights, float64."""

    def update_state(
        self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: tf.Tensor | None = None
    ) -> None:
        start = tf.identity(self._seen)
        labels = dominant_labels(y_true)
        end = start + tf.size(labels, tf.int64)
        self._seen.assign(end)

        def keep() -> tf.Tensor:
            scores = self.scores_of(tf.cast(y_pred, tf.float32)[..., : self.num_classes])
            weights = tf.reshape(tf.cast(1.0 if sample_weight is None else sample_weight, tf.float64), [-1])
            self._scores[start:end].assign(scores)
            self._labels[start:end].assign(labels)
            self._weights[start:end].assign(tf.broadcast_to(weights, tf.shape(labels)))
            return tf.cond(end == self.num_records, self._compute, self._unknown)

        self._figures.assign(tf.cond(end <= self.num_records, keep, self._unknown))

    def _compute(self) -> tf.Tensor:
        return self.figures_of(*(tf.identity(kept) for kept in (self._scores, self._labels, self._weights)))

    def _unknown(self) -> tf.Tensor:
        return tf.fill([self._num_figures], float("nan"))

    @property
    def figures(self) -> list[tf.Tensor]:
        """The figures, float32 `()` each."""
        return tf.unstack(tf.convert_to_tensor(self._figures))

    def answers(self) -> np.ndarray:
        """Returns what is kept of the last evaluation's records, float32 `(num_records, num_classes)`."""
        kept: np.ndarray = tf.convert_to_tensor(self._scores).numpy()
        return kept

    def reset_state(self) -> None:
        self._seen.assign(0)
        self._figures.assign(self._unknown())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_classes": self.num_classes, "num_records": self.num_records}


def _variable(value: tf.Tensor) -> tf.Variable:
    return tf.Variable(value, trainable=False)
