"""Tabular section of an experiment: the encoder of columns, and trees."""

from typing import Any, Literal

from pydantic import Field

from models.catalogue.encoders import ENCODERS
from models.catalogue.row import declared, in_order, names_of, one_of, settings_of
from models.settings.trees import TreesSettings

_FIELDS: dict[str, Any] = {
    "encoder": (
        one_of(*names_of(ENCODERS)),
        Field("mlp", description=f"{'; '.join(f'{row.name} {row.summary}' for row in ENCODERS)}."),
    ),
    "dropout": (
        float,
        Field(0.1, ge=0, lt=1, description="Share of each dense layer's units dropped in training."),
    ),
    "embedding_dim": (
        int | None,
        Field(
            None,
            ge=1,
            le=1024,
            description="Length of a category's vector; null takes min(50, ceil(1.6 vocabulary^0.56)) by column.",
        ),
    ),
    "numeric_embedding": (
        Literal["none", "piecewise_linear", "periodic"],
        Field(
            "piecewise_linear",
            description="What becomes of a number: piecewise_linear is a vector that bends at the column's quantiles, "
            "periodic one of waves; none leaves it a number.",
        ),
    ),
    "num_bins": (
        int,
        Field(16, ge=2, le=256, description="piecewise_linear only: number of quantile bins of a column."),
    ),
    **declared(ENCODERS),
    "trees": (
        TreesSettings,
        Field(default_factory=TreesSettings, description="Gradient-boosted trees on the columns."),
    ),
}
# TFX compares what was run before by the text of the settings: keys that were there keep their places in it.
_FIRST = (
    "encoder",
    "hidden_units",
    "dropout",
    "embedding_dim",
    "numeric_embedding",
    "numeric_dim",
    "num_bins",
)
_TabularFields: Any = settings_of("_TabularFields", in_order(_FIELDS, first=_FIRST))


class TabularModelSettings(_TabularFields):
    """The encoder that turns numeric and categorical columns into features."""
