"""Encoders of a table's columns by name."""

import keras

from models.catalogue.encoders import ENCODERS
from models.catalogue.row import names_of, row_of
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
        ValueError: There is no column, or the encoder is not in the catalogue.
    """
    names = names_of(ENCODERS)
    if settings.encoder not in names:
        raise ValueError(
            f"`model.tabular.encoder` must be one of {', '.join(names)}. Received: {settings.encoder!r}"
        )
    return row_of(ENCODERS, settings.encoder).load()(settings, num_numeric, categorical_sizes, seed)
