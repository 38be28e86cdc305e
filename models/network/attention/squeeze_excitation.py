"""A gate for each channel of a feature map."""

from typing import Any

import keras
import tensorflow as tf

from models.network.attention.channel_gate import channel_gate


@keras.saving.register_keras_serializable(package="counterpoise")
class SqueezeExcitation(keras.layers.Layer):
    """Multiplies each channel by a gate that is computed from the means of all channels.

        x * sigmoid(W2 relu(W1 mean(x) + b1) + b2)

    with the mean over the positions of the map.

    Call arguments:
        inputs: Feature map, float `(batch, height, width, channels)`.

    Returns:
        Tensor of the same shape.

    Reference: Hu et al., "Squeeze-and-Excitation Networks", 2018, https://arxiv.org/abs/1709.01507

    Args:
        ratio: Channels for each unit of the inner layer, at least 1. The default is the paper's.
        seed: Decides the initial weights.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: `ratio` is below 1.
    """

    def __init__(self, ratio: int = 16, seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        if ratio < 1:
            raise ValueError(f"`ratio` must be at least 1. Received: ratio={ratio}")
        self.ratio, self.seed = int(ratio), int(seed)

    def build(self, input_shape: tuple) -> None:
        self.squeeze, self.excite = channel_gate(self, input_shape[-1], "sigmoid")
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        gates = self.excite(self.squeeze(tf.reduce_mean(inputs, axis=(1, 2))))
        return inputs * gates[:, tf.newaxis, tf.newaxis, :]

    def attention_map(self, inputs: tf.Tensor) -> tf.Tensor:
        """Returns how much is left at each position, `(batch, height, width)`, at least 0.

        The gates know no place; the map is the mean over channels of the absolute gated values.
        """
        return tf.cast(tf.reduce_mean(tf.abs(self.call(inputs)), axis=-1), tf.float32)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "ratio": self.ratio, "seed": self.seed}
