"""The encoder of columns."""

from typing import Annotated, Literal

from pydantic import Field

from core.settings import Settings

LayerUnits = Annotated[int, Field(ge=1, le=8192)]


class TabularModelSettings(Settings):
    """The encoder that turns numeric and categorical columns into features."""

    encoder: Literal["mlp", "ensemble_mlp", "feature_attention"] = Field(
        "mlp",
        description="mlp is dense layers; ensemble_mlp many of them that share most weights and answer with their "
        "mean; feature_attention lets columns attend to each other.",
    )
    hidden_units: tuple[LayerUnits, ...] = Field(
        (128, 64), min_length=1, max_length=16, description="Units of each dense layer, in order."
    )
    dropout: float = Field(
        0.1, ge=0, lt=1, description="Share of each dense layer's units dropped in training."
    )
    embedding_dim: int | None = Field(
        None,
        ge=1,
        le=1024,
        description="Length of a category's vector; null takes min(50, ceil(1.6 vocabulary^0.56)) by column.",
    )
    numeric_embedding: Literal["none", "piecewise_linear", "periodic"] = Field(
        "piecewise_linear",
        description="What becomes of a number: piecewise_linear is a vector that bends at the column's quantiles, "
        "periodic one of waves; none leaves it a number.",
    )
    numeric_dim: int = Field(
        8, ge=1, le=1024, description="Length of a number's vector, but for feature_attention."
    )
    num_bins: int = Field(
        16, ge=2, le=256, description="piecewise_linear only: number of quantile bins of a column."
    )
    members: int = Field(8, ge=2, le=256, description="ensemble_mlp only: number of members.")
    token_units: int = Field(
        64, ge=1, le=1024, description="feature_attention only: length of a column's vector."
    )
    num_blocks: int = Field(2, ge=1, le=32, description="feature_attention only: blocks of attention.")
    num_heads: int = Field(4, ge=1, le=64, description="feature_attention only: heads of attention.")
