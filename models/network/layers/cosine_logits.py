"""Logits that know the direction of a vector and not its length."""

from typing import Any

import keras
import tensorflow as tf

from models.network.layers.layer_seed import layer_seed


@keras.saving.register_keras_serializable(package="counterpoise")
class CosineLogits(keras.layers.Layer):
    """Computes the cosine between a record's vector and each class's, times a scale.

        logit_c = scale * (x . w_c) / (|x| |w_c|)

    A dense layer gives frequent classes longer weight vectors, and with them larger logits; here the
    length has no say, and there is no bias that could take its place.

    Call arguments:
        inputs: Float `(..., features)`.

    Returns:
        Logits, float `(..., units)` in [-scale, scale].

    Example: x = (3, 4), w = (1, 0) and scale 16 give 16 * 3/5 = 9.6.

    Reference: Gidaris and Komodakis, "Dynamic Few-Shot Visual Learning without Forgetting", 2018,
    https://arxiv.org/abs/1804.09458

    Args:
        units: Number of classes, at least 1.
        scale: Float above 0. A cosine alone is too small for a softmax: of 1 against -1 in two classes it
            makes a probability of 0.88.
        seed: Decides the initial weights.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: An argument is out of range.
    """

    def __init__(self, units: int, scale: float = 16.0, seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        if units < 1 or not 0 < scale < float("inf"):
            raise ValueError(
                "`units` must be at least 1 and `scale` a finite number above 0. "
                f"Received: units={units}, scale={scale}"
            )
        self.units, self.scale, self.seed = int(units), float(scale), int(seed)

    def build(self, input_shape: tuple) -> None:
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.units),
            initializer=keras.initializers.GlorotUniform(layer_seed(self.seed, self.name)),
        )
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        # Lengths in float32: squares of float16 overflow at 256. The floor is for a vector of zeros, which
        # ReLU may leave; its cosine is 0.
        directions = tf.math.l2_normalize(tf.cast(inputs, tf.float32), axis=-1, epsilon=1e-12)
        classes = tf.math.l2_normalize(tf.cast(self.kernel, tf.float32), axis=0, epsilon=1e-12)
        cosines = tf.tensordot(directions, classes, axes=1)
        return tf.cast(self.scale * cosines, self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "scale": self.scale, "seed": self.seed}
