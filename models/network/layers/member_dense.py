"""A dense layer for each member of an ensemble."""

from typing import Any

import keras
import tensorflow as tf

from models.network.layers.layer_seed import layer_seed


@keras.saving.register_keras_serializable(package="counterpoise")
class MemberDense(keras.layers.Layer):
    """Gives each member of an ensemble a dense layer of its own.

    For member m with features x_m of a record,

        output_m = x_m @ kernel_m + bias_m

    A plain `Dense` would give all members the same kernel: they would learn the mean of their answers
    together, and not each its own.

    Call arguments:
        inputs: Features of each member, float `(batch, members, features)`.

    Returns:
        Float tensor `(batch, members, units)`.

    Args:
        units: Length of each member's output, at least 1.
        bias_initializer: Initial bias of every member, `(units,)`; anything that Keras takes for one.
        seed: Decides the initial kernels, Glorot's uniform ones, each member's its own.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: `units` is below 1, or the input lacks the axis of members.

    Reference: Gorishniy et al., "TabM: Advancing Tabular Deep Learning with Parameter-Efficient
    Ensembling", 2024, https://arxiv.org/abs/2410.24210 (its heads)
    """

    def __init__(self, units: int, bias_initializer: Any = "zeros", seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"`units` must be at least 1. Received: units={units}")
        self.units = int(units)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.seed = seed

    def build(self, input_shape: tuple) -> None:
        if len(input_shape) != 3:
            raise ValueError(
                "MemberDense takes (batch, members, features). "
                f"Received: inputs of shape {tuple(input_shape)}. Use keras.layers.Dense for a single model."
            )
        _, members, features = input_shape
        # One draw for all members would take the members for a receptive field and scale kernels down.
        draws = [
            keras.initializers.GlorotUniform(layer_seed(self.seed, f"{self.name}/{member}"))
            for member in range(members)
        ]
        self.kernel = self.add_weight(
            name="kernel",
            shape=(members, features, self.units),
            initializer=lambda shape, dtype=None, **_: tf.stack([draw(shape[1:], dtype) for draw in draws]),
        )
        self.bias = self.add_weight(
            name="bias",
            shape=(members, self.units),
            initializer=lambda shape, dtype=None, **_: tf.tile(
                self.bias_initializer(shape[1:], dtype)[None], [shape[0], 1]
            ),
        )
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.einsum("bmf,mfu->bmu", inputs, self.kernel) + self.bias

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "seed": self.seed,
        }
