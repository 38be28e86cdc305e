"""A learnt vector for each category of each column."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from models.network.layers.layer_seed import layer_seed


def embedding_dim(vocabulary_size: int) -> int:
    """Returns the length of the vectors for a column: `min(50, ceil(1.6 * vocabulary_size**0.56))`.

    A rule of thumb out of the fastai library, https://docs.fast.ai/tabular.model.html: 2 for one
    category, 6 for ten, 22 for a hundred, 50 from some 467 on.
    """
    return min(50, math.ceil(1.6 * vocabulary_size**0.56))


@keras.saving.register_keras_serializable(package="counterpoise")
class ColumnEmbeddings(keras.layers.Layer):
    """Looks up each column's category in a table of its own and joins the vectors.

    Call arguments:
        inputs: Category indices, int `(batch, num_columns)`; column i in [0, vocabulary_sizes[i]).

    Returns:
        Float tensor `(batch, sum(dims))`: the vectors of the columns, in the columns' order.

    Args:
        vocabulary_sizes: Number of categories of each column, unknown ones included.
        dim: Length of every vector; None takes `embedding_dim` of each column's size.
        seed: Decides the initial vectors.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: There is no column, or one has no category.
    """

    def __init__(self, vocabulary_sizes: Sequence[int], dim: int | None = None, seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        self.vocabulary_sizes = [int(size) for size in vocabulary_sizes]
        if not self.vocabulary_sizes or min(self.vocabulary_sizes) < 1:
            raise ValueError(
                "`vocabulary_sizes` must hold the number of categories of each column, at least 1. "
                f"Received: vocabulary_sizes={self.vocabulary_sizes}"
            )
        self.dim = dim
        self.seed = seed
        self.dims = [dim or embedding_dim(size) for size in self.vocabulary_sizes]
        self.tables = [
            keras.layers.Embedding(
                size,
                length,
                embeddings_initializer=keras.initializers.RandomUniform(
                    -0.05, 0.05, seed=layer_seed(seed, f"{self.name}/{column}")
                ),
                name=f"table_{column}",
            )
            for column, (size, length) in enumerate(zip(self.vocabulary_sizes, self.dims, strict=True))
        ]

    def build(self, input_shape: tuple) -> None:
        for table in self.tables:
            table.build((input_shape[0],))
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.concat([table(inputs[:, column]) for column, table in enumerate(self.tables)], axis=-1)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (input_shape[0], sum(self.dims))

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {**config, "vocabulary_sizes": self.vocabulary_sizes, "dim": self.dim, "seed": self.seed}
