"""Image and table joined by letting the table's columns choose where to look."""

from typing import Any

import keras
import tensorflow as tf

from models.network.attention.multi_head import MultiHead


@keras.saving.register_keras_serializable(package="counterpoise")
class CrossAttention(keras.layers.Layer):
    """Answers a table's vector with what it finds in an image: the vector queries the map's positions.

    Call arguments:
        inputs: `[vector, feature_map]`, float `(batch, size)` and `(batch, height, width, channels)`.

    Returns:
        Float tensor `(batch, channels)`. See MultiHead for the formula.

    Args:
        num_heads: Number of heads, at least 1.
        seed: Decides the initial weights.
        **kwargs: What `keras.layers.Layer` takes besides.
    """

    def __init__(self, num_heads: int = 4, seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        self.num_heads, self.seed = int(num_heads), int(seed)

    def build(self, input_shape: Any) -> None:
        vector, (batch, height, width, channels) = input_shape
        self.heads = MultiHead(channels, self.num_heads, self.seed, dtype=self.dtype_policy, name="heads")
        self.heads.build([(batch, 1, vector[-1]), (batch, height * width, channels)])
        super().build(input_shape)

    def call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        return self.heads(self._query_and_memory(inputs))[:, 0]

    def attention_weights(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        """Returns the weight of each position, float32 `(batch, height, width)`, summing to 1."""
        weights = tf.reduce_mean(self.heads.attention_weights(self._query_and_memory(inputs)), axis=(1, 2))
        return tf.reshape(weights, tf.shape(inputs[1])[:3])

    def _query_and_memory(self, inputs: list[tf.Tensor]) -> list[tf.Tensor]:
        vector, feature_map = inputs
        _, height, width, channels = feature_map.shape
        return [vector[:, tf.newaxis, :], tf.reshape(feature_map, (-1, height * width, channels))]

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (input_shape[0][0], input_shape[1][-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_heads": self.num_heads, "seed": self.seed}
