"""A table's columns as the features that trees ask about."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="counterpoise")
class TreeColumns(keras.layers.Layer):
    """Joins numbers, NaN where missing, with a flag for each category of some columns.

    Call arguments:
        inputs: List of, as far as there are such columns, numbers, float `(batch, num_numeric)`; flags of missing
            numbers, float `(batch, num_numeric)`; categories, int `(batch, num_categorical)`. Categories alone come
            without a list, as Keras gives them back out of a file.

    Returns:
        The numbers, and after them the flags in the columns' order, float32 `(batch, features)`, whatever the policy of
        mixed precision.

    Args:
        categorical_sizes: Number of categories of each categorical column, unknown ones included.
        one_hot: Whether each of these columns has flags.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: `one_hot` and `categorical_sizes` differ in length.
    """

    def __init__(self, categorical_sizes: Sequence[int] = (), one_hot: Sequence[bool] = (), **kwargs: Any):
        # Half precision would move records over borders.
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.categorical_sizes = [int(size) for size in categorical_sizes]
        self.one_hot = [bool(flags) for flags in one_hot]
        if len(self.one_hot) != len(self.categorical_sizes):
            raise ValueError(
                "`one_hot` must be as long as `categorical_sizes`. "
                f"Received: one_hot={self.one_hot}, categorical_sizes={self.categorical_sizes}"
            )

    @property
    def _flags(self) -> dict[int, int]:
        """Number of flags of each column that has some."""
        pairs = zip(self.categorical_sizes, self.one_hot, strict=True)
        return {column: size for column, (size, flags) in enumerate(pairs) if flags}

    def call(self, inputs: list[tf.Tensor] | tf.Tensor) -> tf.Tensor:
        if not isinstance(inputs, list | tuple):
            inputs = [inputs]
        # For records without numbers and flags.
        features = [tf.zeros((tf.shape(inputs[0])[0], 0), tf.float32)]
        if len(inputs) > 1:
            numeric, missing = inputs[:2]
            features.append(tf.where(missing > 0, float("nan"), numeric))
        features += [tf.one_hot(inputs[-1][:, column], size) for column, size in self._flags.items()]
        return tf.concat(features, axis=1)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        shapes = input_shape if isinstance(input_shape[0], list | tuple) else [input_shape]
        num_numeric = shapes[0][1] if len(shapes) > 1 else 0
        return (shapes[0][0], num_numeric + sum(self._flags.values()))

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {**config, "categorical_sizes": self.categorical_sizes, "one_hot": self.one_hot}
