"""Encoders of numeric and categorical columns."""

from typing import Any

import keras

from models.network.column_embeddings import ColumnEmbeddings
from models.network.layer_seed import layer_seed
from models.network.soft_clip import SoftClip
from models.settings import TabularModelSettings


def column_inputs(num_numeric: int, categorical_sizes: tuple[int, ...]) -> dict[str, Any]:
    """Makes the symbolic inputs of a table's columns.

    Args:
        num_numeric: Number of numeric columns.
        categorical_sizes: Number of categories of each categorical column, unknown ones included.

    Returns:
        `numeric`, float32 `(batch, num_numeric)`, z-scores with 0 where missing, and `missing`, float32
        `(batch, num_numeric)`, 1 where missing and else 0, if there is a numeric column; `categorical`,
        int64 `(batch, num_categorical)` indices, if there is a categorical one.
    """
    inputs = {}
    if num_numeric:
        inputs["numeric"] = keras.Input((num_numeric,), name="numeric", dtype="float32")
        inputs["missing"] = keras.Input((num_numeric,), name="missing", dtype="float32")
    if categorical_sizes:
        inputs["categorical"] = keras.Input((len(categorical_sizes),), name="categorical", dtype="int64")
    return inputs


def table_encoder(
    settings: TabularModelSettings, num_numeric: int, categorical_sizes: tuple[int, ...], seed: int = 0
) -> keras.Model:
    """Builds the encoder of a table's columns that an experiment names.

    Args:
        settings: Name of the encoder and its sizes.
        num_numeric: Number of numeric columns.
        categorical_sizes: Number of categories of each categorical column, unknown ones included.
        seed: Decides the initial weights and what is dropped.

    Returns:
        A model from the dict of `column_inputs` to features, float `(batch, units)`.
    """
    return mlp(settings, num_numeric, categorical_sizes, seed)


def mlp(
    settings: TabularModelSettings, num_numeric: int, categorical_sizes: tuple[int, ...], seed: int = 0
) -> keras.Model:
    """Builds an encoder of dense layers over a table's columns.

    Z-scores pass through SoftClip, categories through ColumnEmbeddings; both are joined with the
    missing flags and pass through dense layers, each with ReLU and dropout.

    Reference: Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data", 2021,
    https://arxiv.org/abs/2106.11959 (its MLP)

    Args:
        settings: Units and dropout of the dense layers, length of the category vectors.
        num_numeric: Number of numeric columns.
        categorical_sizes: Number of categories of each categorical column, unknown ones included.
        seed: Decides the initial weights and what is dropped.

    Returns:
        A model from the dict of `column_inputs` to features, float `(batch, hidden_units[-1])`, at least 0.

    Raises:
        ValueError: There is no column.
    """
    if not num_numeric and not categorical_sizes:
        raise ValueError(
            "mlp needs at least one column. Received: num_numeric=0 and categorical_sizes=(). "
            "Name columns in `data.numeric` or `data.categorical`."
        )
    inputs = column_inputs(num_numeric, categorical_sizes)
    encoded = []
    if num_numeric:
        encoded += [SoftClip(name="soft_clip")(inputs["numeric"]), inputs["missing"]]
    if categorical_sizes:
        embeddings = ColumnEmbeddings(categorical_sizes, settings.embedding_dim, seed, name="embeddings")
        encoded.append(embeddings(inputs["categorical"]))

    x = keras.layers.Concatenate(name="columns")(encoded) if len(encoded) > 1 else encoded[0]
    for i, units in enumerate(settings.hidden_units):
        x = keras.layers.Dense(
            units,
            activation="relu",
            kernel_initializer=keras.initializers.HeNormal(layer_seed(seed, f"hidden_{i}")),
            name=f"hidden_{i}",
        )(x)
        x = keras.layers.Dropout(
            settings.dropout, seed=layer_seed(seed, f"dropout_{i}"), name=f"dropout_{i}"
        )(x)
    return keras.Model(inputs, x, name="mlp")
