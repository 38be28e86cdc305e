"""A gate for each channel, then one for each position, of a feature map."""

from typing import Any

import keras
import tensorflow as tf

from models.network.attention.channel_gate import channel_gate
from models.network.layers.layer_seed import layer_seed


@keras.saving.register_keras_serializable(package="counterpoise")
class CBAM(keras.layers.Layer):
    """Multiplies each channel by a gate, then each position by another.

    With MLP two dense layers shared by both terms, over means and maxima across positions, and a
    convolution over means and maxima across channels,

        y = x * sigmoid(MLP(mean_hw(x)) + MLP(max_hw(x)))
        z = y * sigmoid(convolution([mean_c(y), max_c(y)]))

    Call arguments:
        inputs: Feature map, float `(batch, height, width, channels)`.

    Returns:
        Tensor of the same shape.

    Reference: Woo et al., "CBAM: Convolutional Block Attention Module", 2018,
    https://arxiv.org/abs/1807.06521

    Args:
        ratio: Channels for each unit of the inner layer, at least 1. The default is the paper's.
        kernel_size: Side of the convolution, odd. The default is the paper's.
        seed: Decides the initial weights.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: `ratio` is below 1, or `kernel_size` even or below 1.
    """

    def __init__(self, ratio: int = 16, kernel_size: int = 7, seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        if ratio < 1 or kernel_size < 1 or kernel_size % 2 == 0:
            raise ValueError(
                "`ratio` must be at least 1 and `kernel_size` odd. "
                f"Received: ratio={ratio}, kernel_size={kernel_size}"
            )
        self.ratio, self.kernel_size, self.seed = int(ratio), int(kernel_size), int(seed)

    def build(self, input_shape: tuple) -> None:
        self.squeeze, self.excite = channel_gate(self, input_shape[-1])
        self.place = keras.layers.Conv2D(
            1,
            self.kernel_size,
            padding="same",
            kernel_initializer=keras.initializers.GlorotUniform(layer_seed(self.seed, f"{self.name}/place")),
            dtype=self.dtype_policy,
            name="place",
        )
        self.place.build((*input_shape[:-1], 2))
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        gated = self._gate_channels(inputs)
        return gated * self._gates_of_places(gated)

    def attention_map(self, inputs: tf.Tensor) -> tf.Tensor:
        """Returns the gate of each position, float32 `(batch, height, width)` in [0, 1]."""
        gates = self._gates_of_places(self._gate_channels(inputs))
        return tf.cast(gates[..., 0], tf.float32)

    def _gate_channels(self, inputs: tf.Tensor) -> tf.Tensor:
        mean, maximum = (
            self.excite(self.squeeze(pooled))
            for pooled in (tf.reduce_mean(inputs, axis=(1, 2)), tf.reduce_max(inputs, axis=(1, 2)))
        )
        return inputs * tf.sigmoid(mean + maximum)[:, tf.newaxis, tf.newaxis, :]

    def _gates_of_places(self, gated: tf.Tensor) -> tf.Tensor:
        mean, maximum = (reduce(gated, axis=-1, keepdims=True) for reduce in (tf.reduce_mean, tf.reduce_max))
        return tf.sigmoid(self.place(tf.concat([mean, maximum], axis=-1)))

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {**config, "ratio": self.ratio, "kernel_size": self.kernel_size, "seed": self.seed}
