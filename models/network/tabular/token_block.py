"""One step of attention between the tokens of a record."""

from typing import Any

import keras
import tensorflow as tf

from models.network.attention.multi_head import MultiHead
from models.network.layers.layer_seed import layer_seed


@keras.saving.register_keras_serializable(package="counterpoise")
class TokenBlock(keras.layers.Layer):
    """Lets tokens attend to each other, then passes each through a gated dense layer.

    With x the tokens, q the same or, with `class_only`, the first of them,

        a = q + attention(normalised(q), normalised(x))
        output = a + (value(n) * relu(gate(n))) @ answer,    n = normalised(a)

    Normalisation before and not after each part keeps the sum free of it: gradients reach the first block.
    The gated layer is ReGLU, `4/3 units` wide.

    Call arguments:
        inputs: Tokens, float `(batch, tokens, units)`.

    Returns:
        Float tensor `(batch, tokens, units)`, or `(batch, 1, units)` with `class_only`.

    Reference: Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data", 2021,
    https://arxiv.org/abs/2106.11959 (FT-Transformer)

    Args:
        num_heads: Number of heads of attention, at least 1.
        dropout: Float in [0, 1); share of the gated layer's units dropped in training.
        class_only: Whether only the first token is computed, as in the last block, whose others go nowhere.
        seed: Decides the initial weights and what is dropped.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: `num_heads` or `dropout` is out of range.
    """

    def __init__(
        self,
        num_heads: int = 4,
        dropout: float = 0.0,
        class_only: bool = False,
        seed: int = 0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if num_heads < 1 or not 0 <= dropout < 1:
            raise ValueError(
                "`num_heads` must be at least 1 and `dropout` in [0, 1). "
                f"Received: num_heads={num_heads}, dropout={dropout}"
            )
        self.num_heads, self.dropout = int(num_heads), float(dropout)
        self.class_only, self.seed = bool(class_only), int(seed)

    def build(self, input_shape: tuple) -> None:
        batch, num_tokens, units = input_shape
        queries = (batch, 1 if self.class_only else num_tokens, units)
        gated_units = -(-4 * units // 3)
        # === Layers ===
        self.normalise_tokens = self._normalisation("normalise_tokens")
        self.attention = MultiHead(
            units,
            self.num_heads,
            layer_seed(self.seed, f"{self.name}/attention"),
            dtype=self.dtype_policy,
            name="attention",
        )
        self.normalise = self._normalisation("normalise")
        self.value = self._dense("value", gated_units)
        self.gate = self._dense("gate", gated_units, "relu")
        self.drop = keras.layers.Dropout(
            self.dropout,
            seed=layer_seed(self.seed, f"{self.name}/drop"),
            dtype=self.dtype_policy,
            name="drop",
        )
        self.answer = self._dense("answer", units)
        # === Weights ===
        self.normalise_tokens.build(input_shape)
        self.attention.build([queries, input_shape])
        for layer in (self.normalise, self.value, self.gate):
            layer.build(queries)
        self.answer.build((*queries[:-1], gated_units))
        super().build(input_shape)

    def _normalisation(self, name: str) -> keras.layers.LayerNormalization:
        return keras.layers.LayerNormalization(epsilon=1e-5, dtype=self.dtype_policy, name=name)

    def _dense(self, name: str, units: int, activation: str | None = None) -> keras.layers.Dense:
        draw = keras.initializers.HeUniform(layer_seed(self.seed, f"{self.name}/{name}"))
        return keras.layers.Dense(
            units, activation, kernel_initializer=draw, dtype=self.dtype_policy, name=name
        )

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        x = inputs[:, :1] if self.class_only else inputs
        x = x + self.attention(self._queries_and_memory(inputs))
        normalised = self.normalise(x)
        gated = self.drop(self.value(normalised) * self.gate(normalised), training=training)
        return x + self.answer(gated)

    def class_attention(self, inputs: tf.Tensor) -> tf.Tensor:
        """Returns how much the first token attends to each one, float32 `(batch, tokens)`, summing to 1."""
        weights = self.attention.attention_weights(self._queries_and_memory(inputs))
        return tf.reduce_mean(weights[:, :, 0], axis=1)

    def _queries_and_memory(self, inputs: tf.Tensor) -> list[tf.Tensor]:
        tokens = self.normalise_tokens(inputs)
        return [tokens[:, :1] if self.class_only else tokens, tokens]

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (input_shape[0], 1, input_shape[2]) if self.class_only else tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "dropout": self.dropout,
            "class_only": self.class_only,
            "seed": self.seed,
        }
