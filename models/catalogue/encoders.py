"""Encoders of a table's columns: sizes, search range, builder and source of each."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from models.catalogue.row import OwnField, Row

LayerUnits = Annotated[int, Field(ge=1, le=8192)]


@dataclass(frozen=True)
class EncoderRow(Row):
    """An encoder from numeric and categorical columns to features.

    The builder takes the settings, the number of numeric columns, the categorical columns' numbers of
    categories and a seed, and makes a Keras model from the dict of `column_inputs`.

    Attributes:
        has_members: Whether it is an ensemble, whose features are `(batch, members, units)`: it stands alone, and
            has no one classifier to balance and no one embedding to compare.
    """

    has_members: bool = False


_HIDDEN_UNITS = OwnField(
    "hidden_units",
    tuple[LayerUnits, ...],
    (128, 64),
    "Units of each dense layer, in order.",
    {"min_length": 1, "max_length": 16},
    choices=([64], [128, 64], [256, 128], [256, 256, 128]),
)
_NUMERIC_DIM = OwnField(
    "numeric_dim",
    int,
    8,
    "Length of a number's vector, but for feature_attention.",
    {"ge": 1, "le": 1024},
)

ENCODERS: tuple[EncoderRow, ...] = (
    EncoderRow(
        "mlp",
        "models.network.tabular.mlp:mlp",
        'Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data", 2021, '
        "https://arxiv.org/abs/2106.11959",
        "is dense layers",
        (_HIDDEN_UNITS, _NUMERIC_DIM),
        searched=True,
    ),
    EncoderRow(
        "ensemble_mlp",
        "models.network.tabular.ensemble_mlp:ensemble_mlp",
        'Gorishniy et al., "TabM: Advancing Tabular Deep Learning with Parameter-Efficient Ensembling", 2024, '
        "https://arxiv.org/abs/2410.24210",
        "many of them that share most weights and answer with their mean",
        (
            _HIDDEN_UNITS,
            _NUMERIC_DIM,
            OwnField("members", int, 8, "ensemble_mlp only: number of members.", {"ge": 2, "le": 256}),
        ),
        searched=True,
        has_members=True,
    ),
    EncoderRow(
        "feature_attention",
        "models.network.tabular.feature_attention:feature_attention",
        'Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data", 2021, '
        "https://arxiv.org/abs/2106.11959",
        "lets columns attend to each other",
        (
            OwnField(
                "token_units",
                int,
                64,
                "feature_attention only: length of a column's vector.",
                {"ge": 1, "le": 1024},
            ),
            OwnField(
                "num_blocks", int, 2, "feature_attention only: blocks of attention.", {"ge": 1, "le": 32}
            ),
            OwnField("num_heads", int, 4, "feature_attention only: heads of attention.", {"ge": 1, "le": 64}),
        ),
        searched=True,
    ),
)
