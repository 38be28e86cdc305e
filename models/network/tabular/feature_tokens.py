"""A token for each column of a table."""

from typing import Any

import keras
import tensorflow as tf

from models.network.layers.layer_seed import layer_seed


@keras.saving.register_keras_serializable(package="counterpoise")
class FeatureTokens(keras.layers.Layer):
    """Gives each column of a record a vector, with a learnt one, the class token, before them.

    A number x with its vector v(x), flagged by f in {0, 1} where it is missing, and a category k of column c
    become

        (1 - f) v(x) + f missing_c + bias_c        and        categories_c[k] + bias_c

    where v(x) is `x slope_c`, unless vectors come in place of numbers.

    Call arguments:
        inputs: List of, as far as there are such columns, numbers, float `(batch, num_numeric)`, or
            `(batch, num_numeric, units)` where they are vectors already; flags of missing numbers, float
            `(batch, num_numeric)`; categories, int `(batch, num_categorical)`.

    Returns:
        Float tensor `(batch, 1 + num_numeric + num_categorical, units)`.

    Reference: Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data", 2021,
    https://arxiv.org/abs/2106.11959 (its feature tokenizer; the vector of a missing number is added)

    Args:
        units: Length of a token, at least 1.
        categorical_sizes: Number of categories of each categorical column, unknown ones included.
        seed: Decides the initial weights.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: `units` is below 1.
    """

    def __init__(self, units: int, categorical_sizes: tuple[int, ...] = (), seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"`units` must be at least 1. Received: units={units}")
        self.units, self.seed = int(units), seed
        self.categorical_sizes = tuple(int(size) for size in categorical_sizes)

    def build(self, input_shape: list[tuple]) -> None:
        num_numeric = _num_numeric(input_shape)
        self.class_token = self._uniform("class_token", (1, self.units))
        if num_numeric:
            takes_vectors = len(input_shape[0]) == 3
            self.slopes = None if takes_vectors else self._uniform("slopes", (num_numeric, self.units))
            self.missing = self._uniform("missing", (num_numeric, self.units))
        self.tables = [
            self._uniform(f"categories_{column}", (size, self.units))
            for column, size in enumerate(self.categorical_sizes)
        ]
        self.bias = self._uniform("bias", (num_numeric + len(self.tables), self.units))
        super().build(input_shape)

    def _uniform(self, name: str, shape: tuple) -> Any:
        limit = self.units**-0.5
        draw = keras.initializers.RandomUniform(
            -limit, limit, seed=layer_seed(self.seed, f"{self.name}/{name}")
        )
        return self.add_weight(name=name, shape=shape, initializer=draw)

    def call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        columns = [self._numeric(inputs[0], inputs[1])] if len(inputs) > 1 else []
        for column, table in enumerate(self.tables):
            columns.append(
                tf.gather(tf.cast(table, self.compute_dtype), inputs[-1][:, column])[:, tf.newaxis]
            )
        tokens = tf.concat(columns, axis=1) + self.bias
        first = tf.broadcast_to(tf.cast(self.class_token, tokens.dtype), (tf.shape(tokens)[0], 1, self.units))
        return tf.concat([first, tokens], axis=1)

    def _numeric(self, numeric: tf.Tensor, missing: tf.Tensor) -> tf.Tensor:
        vectors = numeric if self.slopes is None else numeric[..., tf.newaxis] * self.slopes
        flags = tf.cast(missing, vectors.dtype)[..., tf.newaxis]
        return (1 - flags) * vectors + flags * self.missing

    def compute_output_shape(self, input_shape: list[tuple]) -> tuple:
        num_columns = _num_numeric(input_shape) + len(self.categorical_sizes)
        return (input_shape[0][0], 1 + num_columns, self.units)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        sizes = list(self.categorical_sizes)
        return {**config, "units": self.units, "categorical_sizes": sizes, "seed": self.seed}


def _num_numeric(input_shape: list[tuple]) -> int:
    return input_shape[0][1] if len(input_shape) > 1 else 0
