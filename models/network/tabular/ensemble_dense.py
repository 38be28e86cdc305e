"""A dense layer of an ensemble whose members differ by scales."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.layers.layer_seed import layer_seed


@keras.saving.register_keras_serializable(package="counterpoise")
class EnsembleDense(keras.layers.Layer):
    """Applies one dense layer with ReLU for all members, scaled for each member by vectors of its own.

    For member m with features x_m of a record,

        output_m = relu(((x_m * r_m) @ kernel) * s_m + bias_m)

    which is a dense layer of the member's own kernel `r_m[:, None] * kernel * s_m`, at the price of two
    vectors and not of a matrix.

    Call arguments:
        inputs: Features of each member, float `(batch, members, features)`.

    Returns:
        Float tensor `(batch, members, units)`, at least 0.

    Reference: Wen et al., "BatchEnsemble: An Alternative Approach to Efficient Ensemble and Lifelong
    Learning", 2020, https://arxiv.org/abs/2002.06715; Gorishniy et al., "TabM", 2024,
    https://arxiv.org/abs/2410.24210 (scales start at 1 but for r in the first layer)

    Args:
        units: Length of each member's output, at least 1.
        scaled_groups: Lengths of groups of features, which add up to all of them: r starts at one standard
            normal number for each member and group, so that members begin by weighing columns differently.
            None starts r at 1.
        seed: Decides the initial weights.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: `units` is below 1, the input lacks the axis of members, or groups do not add up.
    """

    def __init__(self, units: int, scaled_groups: Sequence[int] | None = None, seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"`units` must be at least 1. Received: units={units}")
        self.units = int(units)
        # A tuple, as Keras wraps lists.
        self.scaled_groups = None if scaled_groups is None else tuple(int(each) for each in scaled_groups)
        self.seed = seed

    def build(self, input_shape: tuple) -> None:
        if len(input_shape) != 3:
            raise ValueError(
                "EnsembleDense takes (batch, members, features). "
                f"Received: inputs of shape {tuple(input_shape)}. Use keras.layers.Dense for a single model."
            )
        _, members, features = input_shape
        if self.scaled_groups is not None and sum(self.scaled_groups) != features:
            raise ValueError(
                f"`scaled_groups` must add up to the {features} features of the input. Received: "
                f"scaled_groups={self.scaled_groups}, which add up to {sum(self.scaled_groups)}"
            )
        self.kernel = self.add_weight(
            name="kernel",
            shape=(features, self.units),
            initializer=keras.initializers.HeNormal(layer_seed(self.seed, f"{self.name}/kernel")),
        )
        self.input_scales = self.add_weight(
            name="input_scales",
            shape=(members, features),
            initializer="ones" if self.scaled_groups is None else self._normal_by_group,
        )
        self.output_scales = self.add_weight(
            name="output_scales", shape=(members, self.units), initializer="ones"
        )
        limit = features**-0.5
        self.bias = self.add_weight(
            name="bias",
            shape=(members, self.units),
            initializer=keras.initializers.RandomUniform(
                -limit, limit, seed=layer_seed(self.seed, f"{self.name}/bias")
            ),
        )
        super().build(input_shape)

    def _normal_by_group(self, shape: tuple, dtype: Any = None, **_: Any) -> tf.Tensor:
        groups = self.scaled_groups or ()
        random = np.random.default_rng(layer_seed(self.seed, f"{self.name}/input_scales"))
        scales = np.repeat(random.standard_normal((shape[0], len(groups))), groups, axis=1)
        return tf.cast(scales, dtype or "float32")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        # One product of large matrices is faster than many of small ones.
        rows = tf.reshape(inputs * self.input_scales, (-1, inputs.shape[2]))
        outputs = tf.reshape(tf.matmul(rows, self.kernel), (-1, inputs.shape[1], self.units))
        return tf.nn.relu(outputs * self.output_scales + self.bias)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        groups = None if self.scaled_groups is None else list(self.scaled_groups)
        return {**super().get_config(), "units": self.units, "scaled_groups": groups, "seed": self.seed}
