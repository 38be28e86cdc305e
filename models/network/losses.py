"""Losses over integer labels and logits that can weigh each class."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.class_weights import class_weights as weights_of_counts
from models.settings import LossSettings


def make_loss(settings: LossSettings, class_counts: np.ndarray) -> keras.losses.Loss:
    """Makes the loss an experiment asks for.

    Args:
        settings: Name of the loss and how classes are weighed.
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.

    Returns:
        A loss of integer labels and logits.

    Raises:
        ValueError: A class has no record.
    """
    weights = weights_of_counts(class_counts, settings.class_weights, settings.beta).tolist()
    if settings.class_weights == "none":
        weights = None
    if settings.name == "focal":
        return Focal(settings.gamma, class_weights=weights)
    if settings.name == "cross_entropy":
        return WeightedCrossEntropy(class_weights=weights, label_smoothing=settings.label_smoothing)
    raise ValueError(f"`loss.name` must be cross_entropy or focal. Received: {settings.name!r}")


@keras.saving.register_keras_serializable(package="counterpoise")
class WeightedCrossEntropy(keras.losses.Loss):
    """Computes the cross-entropy of softmax, times the weight of the record's class.

    For a record of class y, with p the softmax of its K logits,

        loss = -w_y * sum_k q_k log(p_k),    q_k = (1 - label_smoothing) [k = y] + label_smoothing / K

    Computed in float32 whatever the logits' dtype: float16 has no room for the sum of exponentials.

    Call arguments:
        y_true: Class indices, any numeric dtype, `(batch,)` or `(batch, 1)`.
        y_pred: Logits, float `(batch, num_classes)`.
        sample_weight: Optional weight of each record, `(batch,)`; multiplies the class weight.

    Example: logits `[[0, 0]]` and label 1 with class weights `[1, 3]` give `3 log 2 = 2.079`.

    Args:
        class_weights: Weights, `(num_classes,)`, each above 0; None weighs all classes by 1.
        label_smoothing: Float in [0, 1); share of the target spread evenly over all classes.
        name: Name of the loss.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: An argument is out of range, or the shapes of a call do not fit.
    """

    def __init__(
        self,
        class_weights: Sequence[float] | None = None,
        label_smoothing: float = 0.0,
        name: str = "weighted_cross_entropy",
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        if not 0 <= label_smoothing < 1:
            raise ValueError(
                f"`label_smoothing` must be in [0, 1). Received: label_smoothing={label_smoothing}"
            )
        self.class_weights = _checked_weights(class_weights)
        self.label_smoothing = float(label_smoothing)

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        labels, logits = _labels_and_logits(y_true, y_pred, self.class_weights)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        if self.label_smoothing:
            uniform = -tf.reduce_mean(tf.nn.log_softmax(logits), axis=-1)
            losses = (1 - self.label_smoothing) * losses + self.label_smoothing * uniform
        return _weighted(losses, labels, self.class_weights)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {**config, "class_weights": self.class_weights, "label_smoothing": self.label_smoothing}


@keras.saving.register_keras_serializable(package="counterpoise")
class Focal(keras.losses.Loss):
    """Computes the cross-entropy of softmax, played down for records the model is already sure of.

    For a record of class y, with p the softmax of its logits,

        loss = -w_y * (1 - p_y)**gamma * log(p_y)

    The class weights take the place of the paper's alpha. Computed in float32 whatever the logits'
    dtype. Keras's own focal losses take one-hot labels and, being per class, one weight for all.

    Call arguments:
        y_true: Class indices, any numeric dtype, `(batch,)` or `(batch, 1)`.
        y_pred: Logits, float `(batch, num_classes)`.
        sample_weight: Optional weight of each record, `(batch,)`; multiplies the class weight.

    Example: logits `[[0, 0]]`, label 1 and `gamma=2` give `0.5**2 * log 2 = 0.173`.

    Reference: Lin et al., "Focal Loss for Dense Object Detection", 2017,
    https://arxiv.org/abs/1708.02002

    Args:
        gamma: Float, at least 0; 0 is the cross-entropy. The default is the paper's best.
        class_weights: Weights, `(num_classes,)`, each above 0; None weighs all classes by 1.
        name: Name of the loss.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: An argument is out of range, or the shapes of a call do not fit.
    """

    def __init__(
        self,
        gamma: float = 2.0,
        class_weights: Sequence[float] | None = None,
        name: str = "focal",
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        if not 0 <= gamma < float("inf"):
            raise ValueError(f"`gamma` must be a finite number of at least 0. Received: gamma={gamma}")
        self.gamma = float(gamma)
        self.class_weights = _checked_weights(class_weights)

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        labels, logits = _labels_and_logits(y_true, y_pred, self.class_weights)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        if self.gamma:
            # 1 - p = -expm1(log p) keeps its digits where p is close to 1. The floor is for the
            # gradient: below gamma = 1 that of x**gamma is infinite at 0, and infinity times a loss
            # of 0 is NaN.
            miss = tf.maximum(-tf.math.expm1(-losses), 1e-7)
            losses *= tf.pow(miss, self.gamma)
        return _weighted(losses, labels, self.class_weights)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gamma": self.gamma, "class_weights": self.class_weights}


def _checked_weights(weights: Sequence[float] | None) -> list[float] | None:
    if weights is None:
        return None
    checked = [float(weight) for weight in weights]
    if not checked or not all(0 < weight < float("inf") for weight in checked):
        raise ValueError(
            f"`class_weights` must hold one finite number above 0 per class. Received: class_weights={checked}"
        )
    return checked


def _labels_and_logits(
    y_true: tf.Tensor, y_pred: tf.Tensor, weights: list[float] | None
) -> tuple[tf.Tensor, tf.Tensor]:
    labels, logits = tf.convert_to_tensor(y_true), tf.cast(y_pred, tf.float32)
    if labels.shape.rank == 2 and labels.shape[1] not in (None, 1):
        raise ValueError(
            "Labels must be class indices, `(batch,)` or `(batch, 1)`. "
            f"Received: shape {labels.shape}. Turn one-hot labels into indices with argmax."
        )
    if weights is not None and logits.shape[-1] not in (None, len(weights)):
        raise ValueError(
            f"`class_weights` must hold one weight per class. Received: {len(weights)} weights for "
            f"logits of shape {logits.shape}"
        )
    return tf.cast(tf.reshape(labels, [-1]), tf.int32), logits


def _weighted(losses: tf.Tensor, labels: tf.Tensor, weights: list[float] | None) -> tf.Tensor:
    if weights is None:
        return losses
    return losses * tf.gather(tf.constant(weights, tf.float32), labels)
