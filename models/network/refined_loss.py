"""Loss of an evaluation once the temperature is refitted: what no calibration afterwards can mend."""

import math
from typing import Any

import keras
import tensorflow as tf

from models.network.kept_scores import KeptScores

# Between a 64th and 64 times the logits; halved as often, 2**-40 of that is left.
_LOG_MOST, _HALVINGS = math.log(64.0), 40


def refined_loss(logits: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Computes the least cross-entropy that logits come to when all are multiplied by one number.

    With weights w that sum to 1,

        refined_loss = min over b of - sum_i w_i log softmax(b z_i)[y_i],   1/64 <= b <= 64

    which is convex in b, so that the zero of its slope, sum_i w_i (E_p z_i - z_i[y_i]), is found by halving.
    b is one over the temperature.

    Args:
        logits: Float `(records, classes)`.
        labels: Class indices, int `(records,)`.
        weights: Float `(records,)`, at least 0, at least one above.

    Returns:
        float64 `()`.

    Example: logits `[[0, 4], [4, 0], [0, 4], [4, 0]]` of which three are right have the loss 1.018. Their best
    temperature, 4 / log 3 = 3.64, makes the probabilities 3/4 and 1/4, and the loss 0.562.
    """
    scores, weights = tf.cast(logits, tf.float64), tf.cast(weights, tf.float64)
    weights = weights / tf.reduce_sum(weights)
    right = tf.gather(scores, labels, batch_dims=1)

    def slope(log_factor: tf.Tensor) -> tf.Tensor:
        expected = tf.reduce_sum(tf.nn.softmax(tf.exp(log_factor) * scores) * scores, axis=1)
        return tf.reduce_sum(weights * (expected - right))

    def halve(step: tf.Tensor, least: tf.Tensor, most: tf.Tensor) -> tuple[tf.Tensor, ...]:
        middle = (least + most) / 2
        rises = slope(middle) > 0
        return step + 1, tf.where(rises, least, middle), tf.where(rises, middle, most)

    ends = [tf.constant(end, tf.float64) for end in (-_LOG_MOST, _LOG_MOST)]
    _, least, most = tf.while_loop(lambda step, *_: step < _HALVINGS, halve, [tf.constant(0), *ends])
    log_probabilities = tf.nn.log_softmax(tf.exp((least + most) / 2) * scores)
    return -tf.reduce_sum(weights * tf.gather(log_probabilities, labels, batch_dims=1))


@keras.saving.register_keras_serializable(package="counterpoise")
class RefinedLoss(KeptScores):
    """Computes the cross-entropy of an evaluation at its own best temperature: see `refined_loss`.

    A network goes on ranking better for epochs after its probabilities have become too sure, and its loss rises.
    As probabilities are calibrated after training, the epoch is better chosen by the loss that is left then.
    The classes are weighed by their records alone, whatever loss is trained by.

    The result is a dict: `refined_loss`, NaN but for an evaluation of `num_records` records.

    Reference: Berta, Holzmüller, Jordan and Bach, "Rethinking Early Stopping: Refine, Then Calibrate", 2025,
    https://arxiv.org/abs/2501.19195

    Args:
        num_classes: Number of classes, at least 2.
        num_records: Number of records in an evaluation, at least 1.
        name: Name of the metric.
        **kwargs: What `keras.metrics.Metric` takes besides.

    Raises:
        ValueError: A number is too small.
    """

    def __init__(self, num_classes: int, num_records: int, name: str = "refined_loss", **kwargs: Any):
        super().__init__(num_classes, num_records, num_figures=1, name=name, **kwargs)

    def scores_of(self, logits: tf.Tensor) -> tf.Tensor:
        scores = tf.nn.log_softmax(logits)
        # The log of the members' mean probability; what all classes have in common says nothing.
        return tf.reduce_logsumexp(scores, axis=1) if scores.shape.rank == 3 else scores

    def figures_of(self, scores: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        return tf.cast(refined_loss(scores, labels, weights), tf.float32)[tf.newaxis]

    def result(self) -> dict[str, tf.Tensor]:
        return {"refined_loss": self.figures[0]}
