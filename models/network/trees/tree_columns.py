"""A table's columns as the features that trees ask about."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="counterpoise")
class TreeColumns(keras.layers.Layer):
    """Joins numbers, NaN where missing, with flags or statistics in place of categories.

    First come all numbers. After them each categorical column has its features: one flag for each of its categories,
    or the statistics of its category out of a table, which is a weight that no training changes, 0 to begin with.

    Weights:
        statistics: Of the categories of the columns without flags, one column after the other, float32
            `(sum of their sizes, num_statistics)`; none if all columns have flags.

    Call arguments:
        inputs: List of, as far as there are such columns, numbers, float `(batch, num_numeric)`; flags of missing
            numbers, float `(batch, num_numeric)`; categories, int `(batch, num_categorical)`.

    Returns:
        Features, float32 `(batch, features)`, whatever the policy of mixed precision.

    Args:
        categorical_sizes: Number of categories of each categorical column, unknown ones included.
        one_hot: Whether each of these columns has flags.
        num_statistics: Statistics of a category, at least 1.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: `one_hot` and `categorical_sizes` differ in length, or `num_statistics` is below 1.
    """

    def __init__(
        self,
        categorical_sizes: Sequence[int] = (),
        one_hot: Sequence[bool] = (),
        num_statistics: int = 1,
        **kwargs: Any,
    ):
        # Half precision would move records over borders.
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.categorical_sizes = [int(size) for size in categorical_sizes]
        self.one_hot = [bool(flags) for flags in one_hot]
        self.num_statistics = int(num_statistics)
        if len(self.one_hot) != len(self.categorical_sizes) or self.num_statistics < 1:
            raise ValueError(
                "`one_hot` must be as long as `categorical_sizes`, and `num_statistics` at least 1. Received: "
                f"one_hot={self.one_hot}, categorical_sizes={self.categorical_sizes}, num_statistics={num_statistics}"
            )
        self.trainable = False

    @property
    def _num_categories(self) -> int:
        """Number of categories in the table of statistics."""
        pairs = zip(self.categorical_sizes, self.one_hot, strict=True)
        return sum(size for size, flags in pairs if not flags)

    def build(self, input_shape: list[tuple]) -> None:
        if self._num_categories:
            self.statistics = self.add_weight(
                name="statistics",
                shape=(self._num_categories, self.num_statistics),
                initializer="zeros",
                trainable=False,
            )
        super().build(input_shape)

    def call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        features = []
        if len(inputs) > 1:
            numeric, missing = inputs[:2]
            features.append(tf.where(missing > 0, float("nan"), numeric))
        first = 0
        for column, (size, flags) in enumerate(zip(self.categorical_sizes, self.one_hot, strict=True)):
            categories = inputs[-1][:, column]
            if flags:
                features.append(tf.one_hot(categories, size))
            else:
                features.append(tf.gather(self.statistics[first : first + size], categories))
                first += size
        return tf.concat(features, axis=1)

    def compute_output_shape(self, input_shape: list[tuple]) -> tuple:
        num_numeric = input_shape[0][1] if len(input_shape) > 1 else 0
        pairs = zip(self.categorical_sizes, self.one_hot, strict=True)
        of_categories = sum(size if flags else self.num_statistics for size, flags in pairs)
        return (input_shape[0][0], num_numeric + of_categories)

    def get_config(self) -> dict[str, Any]:
        names = ("categorical_sizes", "one_hot", "num_statistics")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
