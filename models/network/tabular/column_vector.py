"""A table's columns side by side, as one vector per record."""

from typing import Any

import keras

from models.network.layers.column_embeddings import ColumnEmbeddings
from models.network.layers.layer_seed import layer_seed
from models.network.tabular.periodic import Periodic
from models.network.tabular.piecewise_linear import PiecewiseLinear
from models.settings import TabularModelSettings


def numeric_embedding(settings: TabularModelSettings, seed: int) -> keras.layers.Layer | None:
    """Makes the layer from numbers to a vector for each, or None where numbers stay what they are."""
    of_layer = layer_seed(seed, "numeric_embedding")
    if settings.numeric_embedding == "piecewise_linear":
        return PiecewiseLinear(
            settings.numeric_dim, settings.num_bins, seed=of_layer, name="numeric_embedding"
        )
    if settings.numeric_embedding == "periodic":
        return Periodic(settings.numeric_dim, seed=of_layer, name="numeric_embedding")
    return None


def column_vector(
    inputs: dict[str, Any], settings: TabularModelSettings, categorical_sizes: tuple[int, ...], seed: int
) -> tuple[Any, list[int]]:
    """Joins what stands for each column: numbers or their vectors, missing flags, categories' vectors.

    Args:
        inputs: What `column_inputs` makes.
        settings: How numbers are embedded, and the length of the vectors.
        categorical_sizes: Number of categories of each categorical column, unknown ones included.
        seed: Decides the initial vectors.

    Returns:
        Symbolic float `(batch, features)`, and the number of features of each column or flag, in order.
    """
    parts, lengths = [], []
    if "numeric" in inputs:
        num_numeric = inputs["numeric"].shape[-1]
        embedding = numeric_embedding(settings, seed)
        if embedding is None:
            parts.append(inputs["numeric"])
            lengths += [1] * num_numeric
        else:
            parts.append(keras.layers.Flatten(name="numeric_vectors")(embedding(inputs["numeric"])))
            lengths += [settings.numeric_dim] * num_numeric
        parts.append(inputs["missing"])
        lengths += [1] * num_numeric
    if categorical_sizes:
        embeddings = ColumnEmbeddings(categorical_sizes, settings.embedding_dim, seed, name="embeddings")
        parts.append(embeddings(inputs["categorical"]))
        lengths += embeddings.dims
    return keras.layers.Concatenate(name="columns")(parts) if len(parts) > 1 else parts[0], lengths
