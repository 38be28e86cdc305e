"""Attention of the positions of a feature map to one another."""

from typing import Any

import keras
import tensorflow as tf

from models.network.attention.multi_head import MultiHead
from models.network.layers.layer_seed import layer_seed


@keras.saving.register_keras_serializable(package="counterpoise")
class SelfAttention2D(keras.layers.Layer):
    """Adds to each position of a feature map what it finds at all positions.

        x + gain * attention(normalised(x) + row + column)

    with a learnt vector for each row and each column of the map, so that places can be told apart, and
    a learnt gain for each channel. The gain starts at 0.1: a pretrained backbone's features pass almost
    unchanged at first.

    Call arguments:
        inputs: Feature map, float `(batch, height, width, channels)`; height and width are fixed.

    Returns:
        Tensor of the same shape.

    Reference: Bello et al., "Attention Augmented Convolutional Networks", 2019,
    https://arxiv.org/abs/1904.09925; Touvron et al., "Going Deeper with Image Transformers", 2021,
    https://arxiv.org/abs/2103.17239 (the gain)

    Args:
        num_heads: Number of heads, at least 1.
        seed: Decides the initial weights.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: `num_heads` is below 1, or the map has no fixed size.
    """

    def __init__(self, num_heads: int = 4, seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        if num_heads < 1:
            raise ValueError(f"`num_heads` must be at least 1. Received: num_heads={num_heads}")
        self.num_heads, self.seed = int(num_heads), int(seed)

    def build(self, input_shape: tuple) -> None:
        batch, height, width, channels = input_shape
        if height is None or width is None:
            raise ValueError(
                "SelfAttention2D learns a vector for each row and column and needs a map of fixed height and "
                f"width. Received: input shape {tuple(input_shape)}. Give the network images of one size."
            )
        self.rows, self.columns = (
            self.add_weight(
                name=name,
                shape=(length, channels),
                initializer=keras.initializers.RandomNormal(
                    stddev=0.02, seed=layer_seed(self.seed, f"{self.name}/{name}")
                ),
            )
            for name, length in (("rows", height), ("columns", width))
        )
        self.gain = self.add_weight(
            name="gain", shape=(channels,), initializer=keras.initializers.Constant(0.1)
        )
        self.normalise = keras.layers.LayerNormalization(dtype=self.dtype_policy, name="normalise")
        self.heads = MultiHead(
            channels,
            self.num_heads,
            layer_seed(self.seed, f"{self.name}/heads"),
            dtype=self.dtype_policy,
            name="heads",
        )
        self.normalise.build(input_shape)
        self.heads.build([(batch, height * width, channels)] * 2)
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        tokens = self._tokens(inputs)
        found = tf.reshape(self.heads([tokens, tokens]), tf.shape(inputs))
        return inputs + tf.cast(self.gain, inputs.dtype) * found

    def attention_map(self, inputs: tf.Tensor) -> tf.Tensor:
        """Returns how much all positions look at each one, float32 `(batch, height, width)`, summing to 1."""
        tokens = self._tokens(inputs)
        looked_at = tf.reduce_mean(self.heads.attention_weights([tokens, tokens]), axis=(1, 2))
        return tf.reshape(looked_at, tf.shape(inputs)[:3])

    def _tokens(self, inputs: tf.Tensor) -> tf.Tensor:
        places = self.rows[:, tf.newaxis, :] + self.columns[tf.newaxis, :, :]
        tokens = self.normalise(inputs) + tf.cast(places, inputs.dtype)
        return tf.reshape(tokens, (-1, inputs.shape[1] * inputs.shape[2], inputs.shape[3]))

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_heads": self.num_heads, "seed": self.seed}
