"""Many multilayer perceptrons in one, that share most of their weights."""

import keras

from models.network.layers.layer_seed import layer_seed
from models.network.tabular.column_inputs import column_inputs
from models.network.tabular.column_vector import column_vector
from models.network.tabular.ensemble_dense import EnsembleDense
from models.settings import TabularModelSettings


def ensemble_mlp(
    settings: TabularModelSettings, num_numeric: int, categorical_sizes: tuple[int, ...], seed: int = 0
) -> keras.Model:
    """Builds the encoder of `mlp` for several members at once: TabM.

    All members share the columns' vectors and the dense layers' kernels; each has its own scales of every
    layer's inputs and outputs, and its own biases: see EnsembleDense. Trained on the mean of the members'
    losses and answering with the mean of their probabilities, they vary less than any one of them.

    Reference: Gorishniy et al., "TabM: Advancing Tabular Deep Learning with Parameter-Efficient
    Ensembling", 2024, https://arxiv.org/abs/2410.24210

    Args:
        settings: As for `mlp`, and the number of members.
        num_numeric: Number of numeric columns.
        categorical_sizes: Number of categories of each categorical column, unknown ones included.
        seed: Decides the initial weights and what is dropped.

    Returns:
        A model from the dict of `column_inputs` to features, float `(batch, members, hidden_units[-1])`, at
        least 0.

    Raises:
        ValueError: There is no column.
    """
    inputs = column_inputs(num_numeric, categorical_sizes)
    x, lengths = column_vector(inputs, settings, categorical_sizes, seed)
    x = keras.layers.RepeatVector(settings.members, name="members")(x)
    for i, units in enumerate(settings.hidden_units):
        x = EnsembleDense(
            units,
            # Members that all start alike would stay alike; one layer is enough to tell them apart.
            scaled_groups=lengths if i == 0 else None,
            seed=layer_seed(seed, f"hidden_{i}"),
            name=f"hidden_{i}",
        )(x)
        x = keras.layers.Dropout(
            settings.dropout, seed=layer_seed(seed, f"dropout_{i}"), name=f"dropout_{i}"
        )(x)
    return keras.Model(inputs, x, name="ensemble_mlp")
