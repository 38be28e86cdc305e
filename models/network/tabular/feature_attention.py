"""Columns that attend to each other."""

from typing import Any

import keras
import tensorflow as tf

from models.network.layers.layer_seed import layer_seed
from models.network.tabular.column_inputs import column_inputs
from models.network.tabular.column_vector import numeric_embedding
from models.network.tabular.feature_tokens import FeatureTokens
from models.network.tabular.token_block import TokenBlock
from models.settings import TabularModelSettings


def feature_attention(
    settings: TabularModelSettings, num_numeric: int, categorical_sizes: tuple[int, ...], seed: int = 0
) -> keras.Model:
    """Builds an encoder in which columns attend to each other: FT-Transformer.

    Each column becomes a token; a learnt class token gathers from all of them, over several blocks, what
    the record is. Time and memory grow with the square of the number of columns.

    Reference: Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data", 2021,
    https://arxiv.org/abs/2106.11959

    Args:
        settings: Units of tokens, numbers of blocks and heads, dropout, embedding of numbers.
        num_numeric: Number of numeric columns.
        categorical_sizes: Number of categories of each categorical column, unknown ones included.
        seed: Decides the initial weights and what is dropped.

    Returns:
        A model from the dict of `column_inputs` to features, float `(batch, token_units)`, at least 0.

    Raises:
        ValueError: There is no column.
    """
    inputs = column_inputs(num_numeric, categorical_sizes)
    columns = list(inputs.values())
    vectors = numeric_embedding(settings.model_copy(update={"numeric_dim": settings.token_units}), seed)
    if num_numeric and vectors is not None:
        columns[0] = vectors(columns[0])
    tokens = FeatureTokens(
        settings.token_units, categorical_sizes, layer_seed(seed, "tokens"), name="tokens"
    )(columns)
    for i in range(settings.num_blocks):
        tokens = TokenBlock(
            settings.num_heads,
            settings.dropout,
            class_only=i == settings.num_blocks - 1,
            seed=layer_seed(seed, f"block_{i}"),
            name=f"block_{i}",
        )(tokens)
    record = keras.layers.Reshape((settings.token_units,), name="class_token")(tokens)
    normalised = keras.layers.LayerNormalization(epsilon=1e-5, name="normalise")(record)
    return keras.Model(inputs, keras.layers.ReLU(name="features")(normalised), name="feature_attention")


@keras.saving.register_keras_serializable(package="counterpoise")
class ColumnAttention(keras.layers.Layer):
    """Answers with how much the class token attends to each column in a block, instead of its output.

    Call arguments:
        inputs: What the block takes, float `(batch, 1 + columns, units)`.

    Returns:
        Float32 `(batch, columns)`, summing to 1: the token's attention to itself is left out.

    Args:
        block: A TokenBlock; its weights are shared.
        **kwargs: What `keras.layers.Layer` takes besides.
    """

    def __init__(self, block: TokenBlock | dict[str, Any], **kwargs: Any):
        super().__init__(**kwargs)
        self.block = keras.saving.deserialize_keras_object(block) if isinstance(block, dict) else block

    def build(self, input_shape: tuple) -> None:
        if not self.block.built:
            self.block.build(input_shape)
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        to_columns = self.block.class_attention(inputs)[:, 1:]
        return to_columns / tf.reduce_sum(to_columns, axis=1, keepdims=True)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (input_shape[0], input_shape[1] - 1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "block": keras.saving.serialize_keras_object(self.block)}


def feature_attention_model(model: keras.Model) -> keras.Model:
    """Builds the model that tells which columns a classifier looks at.

    Args:
        model: The encoder that `feature_attention` builds, or a classifier that has it as a layer; its
            weights are shared.

    Returns:
        A model from the dict of `column_inputs` to attention, float32 `(batch, columns)`, the numeric ones
        first, each row summing to 1: the mean over heads and blocks of what the class token gives to each
        column.

    Raises:
        ValueError: The classifier has no such encoder.
    """
    encoders = [each for each in (model, *model.layers) if each.name == "feature_attention"]
    if not encoders:
        raise ValueError(
            f"The model {model.name!r} has no attention over columns. "
            "Set `model.tabular.encoder: feature_attention`."
        )
    blocks = [layer for layer in encoders[0].layers if isinstance(layer, TokenBlock)]
    maps = [ColumnAttention(block, name=f"{block.name}_columns")(block.input) for block in blocks]
    joined = keras.layers.Average(name="column_attention")(maps) if len(maps) > 1 else maps[0]
    return keras.Model(encoders[0].input, joined, name="feature_attention_model")
