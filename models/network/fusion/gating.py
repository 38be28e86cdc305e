"""Image and table joined by a gate that decides, unit by unit, which of them to hear."""

from typing import Any

import keras
import tensorflow as tf

from models.network.layers.layer_seed import layer_seed


@keras.saving.register_keras_serializable(package="counterpoise")
class GatedFusion(keras.layers.Layer):
    """Mixes the vectors of two encoders by gates learnt from both: a gated multimodal unit.

        g * tanh(W1 a + b1) + (1 - g) * tanh(W2 b + b2),    g = sigmoid(W3 [a, b] + b3)

    Call arguments:
        inputs: `[a, b]`, float `(batch, size_a)` and `(batch, size_b)`.

    Returns:
        Float tensor `(batch, units)` in [-1, 1].

    Reference: Arevalo et al., "Gated Multimodal Units for Information Fusion", 2017,
    https://arxiv.org/abs/1702.01992

    Args:
        units: Length of the answer, at least 1.
        seed: Decides the initial weights.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: `units` is below 1.
    """

    def __init__(self, units: int, seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"`units` must be at least 1. Received: units={units}")
        self.units, self.seed = int(units), int(seed)
        self.first = self._dense("first", "tanh")
        self.second = self._dense("second", "tanh")
        self.gate = self._dense("gate", "sigmoid")

    def _dense(self, name: str, activation: str) -> keras.layers.Dense:
        return keras.layers.Dense(
            self.units,
            activation=activation,
            kernel_initializer=keras.initializers.GlorotUniform(layer_seed(self.seed, f"{self.name}/{name}")),
            dtype=self.dtype_policy,
            name=name,
        )

    def build(self, input_shape: Any) -> None:
        first, second = input_shape
        self.first.build(first)
        self.second.build(second)
        self.gate.build((first[0], first[-1] + second[-1]))
        super().build(input_shape)

    def call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        gates = self.gates(inputs)
        return gates * self.first(inputs[0]) + (1 - gates) * self.second(inputs[1])

    def gates(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        """Returns the share of the first vector in each unit, `(batch, units)` in [0, 1]."""
        return self.gate(tf.concat(inputs, axis=-1))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (input_shape[0][0], self.units)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "seed": self.seed}
