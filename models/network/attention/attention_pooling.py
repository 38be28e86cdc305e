"""A mean over the positions of a feature map that weighs the ones that matter more."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="counterpoise")
class AttentionPooling(keras.layers.Layer):
    """Averages the positions of a feature map, weighted by how well each fits a learnt query.

        sum_i w_i x_i,    w = softmax_i(query . x_i / sqrt(channels))

    The query starts at 0, where the answer is the plain mean. A small defect, which the mean over the map
    dilutes, can come to fill the vector. The softmax is computed in float32 under mixed precision too.

    Call arguments:
        inputs: Feature map, float `(batch, height, width, channels)`.

    Returns:
        Float tensor `(batch, channels)`.

    Example: two positions of one channel, 0 and log 3, with query 1: weights 1/4 and 3/4, so 0.824.

    Reference: Ilse et al., "Attention-based Deep Multiple Instance Learning", 2018,
    https://arxiv.org/abs/1802.04712 (the idea, with another score)
    """

    def build(self, input_shape: tuple) -> None:
        self.query = self.add_weight(name="query", shape=(input_shape[-1],), initializer="zeros")
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        weights = tf.cast(self.attention_map(inputs), inputs.dtype)
        return tf.einsum("bhw,bhwc->bc", weights, inputs)

    def attention_map(self, inputs: tf.Tensor) -> tf.Tensor:
        """Returns the weight of each position, float32 `(batch, height, width)`, summing to 1."""
        query = tf.cast(self.query, tf.float32) * inputs.shape[-1] ** -0.5
        scores = tf.einsum("bhwc,c->bhw", tf.cast(inputs, tf.float32), query)
        flat = tf.reshape(scores, (-1, inputs.shape[1] * inputs.shape[2]))
        return tf.reshape(tf.nn.softmax(flat), tf.shape(inputs)[:3])

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (input_shape[0], input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return super().get_config()
