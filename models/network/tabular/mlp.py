"""Dense layers over a table's columns."""

import keras

from models.network.layers.layer_seed import layer_seed
from models.network.tabular.column_inputs import column_inputs
from models.network.tabular.column_vector import column_vector
from models.settings import TabularModelSettings


def mlp(
    settings: TabularModelSettings, num_numeric: int, categorical_sizes: tuple[int, ...], seed: int = 0
) -> keras.Model:
    """Builds an encoder of dense layers over a table's columns.

    Numbers, embedded or not, missing flags and the vectors of categories are joined and pass through
    dense layers, each with ReLU and dropout.

    Reference: Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data", 2021,
    https://arxiv.org/abs/2106.11959 (its MLP)

    Args:
        settings: Embedding of numbers, units and dropout of the dense layers, length of category vectors.
        num_numeric: Number of numeric columns.
        categorical_sizes: Number of categories of each categorical column, unknown ones included.
        seed: Decides the initial weights and what is dropped.

    Returns:
        A model from the dict of `column_inputs` to features, float `(batch, hidden_units[-1])`, at least 0.

    Raises:
        ValueError: There is no column.
    """
    inputs = column_inputs(num_numeric, categorical_sizes)
    x, _ = column_vector(inputs, settings, categorical_sizes, seed)
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
