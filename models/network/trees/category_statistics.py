"""Statistics of categories and their combinations out of a table."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="counterpoise")
class CategoryStatistics(keras.layers.Layer):
    """Looks up the statistics of combinations of categories and conditions.

    A condition holds where a feature lies above a border. The statistics of combination c stand in the row

        offset_c + sum_i category_i stride_ic + sum_j [x[feature_j] > border_j] stride_jc

    of one table for all. All of it is weights, which no training changes, and 0 to begin with. Whole
    numbers among them are held as float32, as in `ObliviousTrees`.

    Weights:
        condition_features: Feature of each condition, `(num_conditions,)`, whole numbers.
        condition_borders: Their borders, `(num_conditions,)`.
        strides: `(num_categorical + num_conditions, num_combinations)`, whole numbers.
        offsets: `(num_combinations,)`, whole numbers.
        statistics: `(num_rows, num_statistics)`.

    Call arguments:
        inputs: List of features, float32 `(batch, features)`, NaN where missing, and categories, int
            `(batch, num_categorical)`.

    Returns:
        The features, and after them the statistics of each combination, float32
        `(batch, features + num_combinations * num_statistics)`, whatever the policy of mixed precision.

    Reference: Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features", 2018, section 3,
    https://arxiv.org/abs/1706.09516

    Args:
        num_conditions: Number of conditions, at least 0.
        num_combinations: Number of combinations, at least 1.
        num_rows: Rows of the table, at least 1.
        num_statistics: Statistics of a combination, at least 1.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: A number is out of range.
    """

    # Also the names of the arrays in FittedTrees.
    WEIGHTS = ("condition_features", "condition_borders", "strides", "offsets", "statistics")

    def __init__(
        self, num_conditions: int, num_combinations: int, num_rows: int, num_statistics: int, **kwargs: Any
    ):
        # Half precision would move records over borders.
        super().__init__(**{**kwargs, "dtype": "float32"})
        if num_conditions < 0 or min(num_combinations, num_rows, num_statistics) < 1:
            raise ValueError(
                "Expected `num_conditions` of at least 0, and `num_combinations`, `num_rows` and `num_statistics` of "
                f"at least 1. Received: num_conditions={num_conditions}, num_combinations={num_combinations}, "
                f"num_rows={num_rows}, num_statistics={num_statistics}"
            )
        self.num_conditions, self.num_combinations = int(num_conditions), int(num_combinations)
        self.num_rows, self.num_statistics = int(num_rows), int(num_statistics)
        self.trainable = False

    def build(self, input_shape: list[tuple]) -> None:
        num_parts = input_shape[1][1] + self.num_conditions
        self.condition_features = self._fixed("condition_features", (self.num_conditions,))
        self.condition_borders = self._fixed("condition_borders", (self.num_conditions,))
        self.strides = self._fixed("strides", (num_parts, self.num_combinations))
        self.offsets = self._fixed("offsets", (self.num_combinations,))
        self.statistics = self._fixed("statistics", (self.num_rows, self.num_statistics))
        super().build(input_shape)

    def _fixed(self, name: str, shape: tuple) -> Any:
        return self.add_weight(name=name, shape=shape, initializer="zeros", trainable=False)

    def call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        features, categories = inputs
        asked = tf.gather(features, tf.cast(self.condition_features, tf.int32), axis=1)
        # In float64, whose products are exact on any device.
        holds = tf.cast(asked > self.condition_borders, tf.float64)
        parts = tf.concat([tf.cast(categories, tf.float64), holds], axis=1)
        rows = tf.matmul(parts, tf.cast(self.strides, tf.float64)) + tf.cast(self.offsets, tf.float64)
        statistics = tf.gather(self.statistics, tf.cast(rows, tf.int32))
        width = self.num_combinations * self.num_statistics
        return tf.concat([features, tf.reshape(statistics, (-1, width))], axis=1)

    def compute_output_shape(self, input_shape: list[tuple]) -> tuple:
        batch, features = input_shape[0]
        return (batch, features + self.num_combinations * self.num_statistics)

    def get_config(self) -> dict[str, Any]:
        names = ("num_conditions", "num_combinations", "num_rows", "num_statistics")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
