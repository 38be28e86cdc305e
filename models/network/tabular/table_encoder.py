"""Encoders of a table's columns by name."""

import keras

from models.network.tabular.ensemble_mlp import ensemble_mlp
from models.network.tabular.feature_attention import feature_attention
from models.network.tabular.mlp import mlp
from models.settings import TabularModelSettings


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
        A model, named after the encoder, from the dict of `column_inputs` to features, float
        `(batch, units)`; for `ensemble_mlp` float `(batch, members, units)`.

    Raises:
        ValueError: There is no column, or the encoder is none of the three.
    """
    builders = {"mlp": mlp, "ensemble_mlp": ensemble_mlp, "feature_attention": feature_attention}
    if settings.encoder not in builders:
        raise ValueError(
            f"`model.tabular.encoder` must be one of {', '.join(builders)}. Received: {settings.encoder!r}"
        )
    return builders[settings.encoder](settings, num_numeric, categorical_sizes, seed)
