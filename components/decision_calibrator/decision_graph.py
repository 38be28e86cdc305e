"""Decision rules as TensorFlow operations, which a served model decides by."""

import numpy as np
import tensorflow as tf

from components.decision_calibrator.calibration import SMALLEST
from components.decision_calibrator.rule import Rule


def decide(probabilities: tf.Tensor, rule: Rule) -> tf.Tensor:
    """Computes what `Rule.decide` does.

    Args:
        probabilities: float32 `(batch, classes)`.
        rule: The rule.

    Returns:
        Class indices, int64 `(batch,)`.
    """
    scores = tf.matmul(probabilities, tf.constant(rule.matrix.astype(np.float32)))
    if rule.queue is not None:
        is_class = np.arange(len(rule.matrix)) == rule.queue.index
        inside = probabilities[:, rule.queue.index, tf.newaxis] > np.float32(rule.queue.size.threshold)
        scores = tf.where(is_class, tf.where(inside, np.inf, -np.inf), scores)
    return tf.argmax(scores, axis=-1)


def doubt(probabilities: tf.Tensor, rule: Rule) -> tf.Tensor:
    """Computes what `Rule.doubt` does.

    Args:
        probabilities: float32 `(batch, classes)`.
        rule: The rule.

    Returns:
        float32 `(batch,)`.
    """
    if rule.queue is not None:
        threshold, mine = np.float32(rule.queue.size.threshold), probabilities[:, rule.queue.index]
        sides = tf.stack([(1 - threshold) * mine, threshold * (1 - mine)])
        return tf.reduce_min(sides, axis=0) / tf.maximum(tf.reduce_sum(sides, axis=0), SMALLEST)
    scores = tf.matmul(probabilities, tf.constant(rule.matrix.astype(np.float32)))
    most = tf.reduce_max(scores, axis=-1)
    if rule.weights is None:
        return -most
    return 1 - most / tf.maximum(tf.reduce_sum(scores, axis=-1), SMALLEST)
