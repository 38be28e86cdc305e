"""Numbers as vectors of waves."""

import math
from typing import Any

import keras
import tensorflow as tf

from models.network.layers.layer_seed import layer_seed


@keras.saving.register_keras_serializable(package="counterpoise")
class Periodic(keras.layers.Layer):
    """Turns each number into a vector by waves of learnt frequencies, a dense layer and ReLU.

    For a number x of column c, with its frequencies f_c,

        vector = relu([cos(2 pi f_c x), sin(2 pi f_c x)] @ kernel_c + bias_c)

    Call arguments:
        inputs: Normal scores, float `(batch, columns)`.

    Returns:
        Float tensor `(batch, columns, dim)`, at least 0.

    Reference: Gorishniy et al., "On Embeddings for Numerical Features in Tabular Deep Learning", 2022,
    https://arxiv.org/abs/2203.05556 (its PLR)

    Args:
        dim: Length of a vector, at least 1.
        num_frequencies: Number of frequencies of each column, at least 1.
        deviation: Standard deviation of the initial frequencies, above 0: the greater, the less smooth.
        seed: Decides the initial weights.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: An argument is out of range.
    """

    def __init__(
        self, dim: int, num_frequencies: int = 24, deviation: float = 0.1, seed: int = 0, **kwargs: Any
    ):
        super().__init__(**kwargs)
        if dim < 1 or num_frequencies < 1 or deviation <= 0:
            raise ValueError(
                "`dim` and `num_frequencies` must be at least 1 and `deviation` above 0. Received: "
                f"dim={dim}, num_frequencies={num_frequencies}, deviation={deviation}"
            )
        self.dim, self.num_frequencies = int(dim), int(num_frequencies)
        self.deviation, self.seed = float(deviation), seed

    def build(self, input_shape: tuple) -> None:
        columns = input_shape[-1]
        limit = (2 * self.num_frequencies) ** -0.5
        self.frequencies = self.add_weight(
            name="frequencies",
            shape=(columns, self.num_frequencies),
            initializer=keras.initializers.RandomNormal(
                stddev=self.deviation, seed=layer_seed(self.seed, f"{self.name}/frequencies")
            ),
        )
        self.kernel = self.add_weight(
            name="kernel",
            shape=(columns, 2 * self.num_frequencies, self.dim),
            initializer=keras.initializers.RandomUniform(
                -limit, limit, seed=layer_seed(self.seed, f"{self.name}/kernel")
            ),
        )
        self.bias = self.add_weight(name="bias", shape=(columns, self.dim), initializer="zeros")
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        angles = 2 * math.pi * inputs[..., tf.newaxis] * self.frequencies
        waves = tf.concat([tf.cos(angles), tf.sin(angles)], axis=-1)
        return tf.nn.relu(tf.einsum("bcf,cfd->bcd", waves, self.kernel) + self.bias)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (*input_shape, self.dim)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "dim": self.dim,
            "num_frequencies": self.num_frequencies,
            "deviation": self.deviation,
            "seed": self.seed,
        }
