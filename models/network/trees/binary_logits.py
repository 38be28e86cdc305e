"""Logits of two classes out of log odds."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="counterpoise")
class BinaryLogits(keras.layers.Layer):
    """Puts a 0, the first class's logit, before the log odds of the second class.

    Call arguments:
        inputs: Log odds, float `(batch, 1)`, or `(batch, answers, 1)`.

    Returns:
        Logits, float32 `(batch, 2)`, or `(batch, answers, 2)`, whatever the policy of mixed precision: their softmax is
        `(1 - sigmoid(odds), sigmoid(odds))`.
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**{**kwargs, "dtype": "float32"})

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.pad(inputs, [*[[0, 0]] * (len(inputs.shape) - 1), [1, 0]])

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (*input_shape[:-1], 2)
