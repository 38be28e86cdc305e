"""Attention of queries over a memory, in several heads."""

from typing import Any

import keras
import tensorflow as tf

from models.network.layers.layer_seed import layer_seed


@keras.saving.register_keras_serializable(package="counterpoise")
class MultiHead(keras.layers.Layer):
    """Answers each query with a mean of the memory's values, weighted by how well keys fit the query.

    In each head, with Q, K and V dense projections of queries, memory and memory,

        softmax(Q K' / sqrt(size of a head)) V

    and a dense layer over all heads' answers. Keras's MultiHeadAttention gives its projections one seed, so
    that Q and K start from the same weights; here each has a seed of its own. The softmax is computed in
    float32 under mixed precision too.

    Call arguments:
        inputs: `[queries, memory]`, float `(batch, num_queries, query_size)` and
            `(batch, positions, memory_size)`.

    Returns:
        Float tensor `(batch, num_queries, units)`.

    Reference: Vaswani et al., "Attention Is All You Need", 2017, https://arxiv.org/abs/1706.03762

    Args:
        units: Length of an answer, at least 1.
        num_heads: Number of heads, at least 1. A head has `units / num_heads` units, rounded up.
        seed: Decides the initial weights.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: `units` or `num_heads` is below 1.
    """

    def __init__(self, units: int, num_heads: int = 4, seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        if units < 1 or num_heads < 1:
            raise ValueError(
                f"`units` and `num_heads` must be at least 1. Received: units={units}, num_heads={num_heads}"
            )
        self.units, self.num_heads, self.seed = int(units), int(num_heads), int(seed)
        self.head_units = -(-self.units // self.num_heads)
        self.query = self._projection("query", self.num_heads * self.head_units)
        self.key = self._projection("key", self.num_heads * self.head_units)
        self.value = self._projection("value", self.num_heads * self.head_units)
        self.answer = self._projection("answer", self.units)

    def _projection(self, name: str, units: int) -> keras.layers.Dense:
        return keras.layers.Dense(
            units,
            kernel_initializer=keras.initializers.GlorotUniform(layer_seed(self.seed, f"{self.name}/{name}")),
            dtype=self.dtype_policy,
            name=name,
        )

    def build(self, input_shape: Any) -> None:
        queries, memory = input_shape
        self.query.build(queries)
        self.key.build(memory)
        self.value.build(memory)
        self.answer.build((*queries[:-1], self.num_heads * self.head_units))
        super().build(input_shape)

    def call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        weights = self.attention_weights(inputs)
        values = self._by_head(self.value(inputs[1]))
        heads = tf.einsum("bhqp,bphd->bqhd", tf.cast(weights, values.dtype), values)
        return self.answer(tf.reshape(heads, (-1, inputs[0].shape[1], self.num_heads * self.head_units)))

    def attention_weights(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        """Returns the weights, float32 `(batch, num_heads, num_queries, positions)`, each row summing to 1."""
        queries = self._by_head(self.query(inputs[0])) * self.head_units**-0.5
        scores = tf.einsum("bqhd,bphd->bhqp", queries, self._by_head(self.key(inputs[1])))
        return tf.nn.softmax(tf.cast(scores, tf.float32))

    def _by_head(self, projected: tf.Tensor) -> tf.Tensor:
        return tf.reshape(projected, (-1, projected.shape[1], self.num_heads, self.head_units))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (*input_shape[0][:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {**config, "units": self.units, "num_heads": self.num_heads, "seed": self.seed}
