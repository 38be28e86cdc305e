"""The network from its inputs to logits."""

from typing import Literal

from pydantic import Field

from core.settings import Settings
from models.settings.image import ImageModelSettings
from models.settings.tabular import TabularModelSettings


class ModelSettings(Settings):
    """The network from its inputs to one logit per class."""

    image: ImageModelSettings = Field(default_factory=ImageModelSettings, description="Encoder of images.")
    tabular: TabularModelSettings = Field(
        default_factory=TabularModelSettings, description="Encoder of numeric and categorical columns."
    )
    attention: Literal["none", "squeeze_excitation", "cbam", "self_attention"] = Field(
        "none", description="Attention over the image features."
    )
    pooling: Literal["mean", "attention"] = Field(
        "mean",
        description="How the image features become one vector; attention weighs places by a learnt query.",
    )
    fusion: Literal["concatenate", "gating", "cross_attention"] = Field(
        "concatenate",
        description="How image and columns are joined; in cross_attention the columns choose where to look.",
    )
    branches: Literal["single", "bilateral", "experts", "class_groups"] = Field(
        "single", description="single is one classifier; the others split the work between several."
    )
    num_experts: int = Field(3, ge=2, le=4, description="experts only: how many there are.")
    diversity: float = Field(
        0.2, ge=0, le=1, description="experts only: how strongly they are driven to differ; 0 is not at all."
    )
    classifier: Literal["linear", "cosine"] = Field(
        "linear",
        description="How logits are computed; with cosine the length of a class's weights has no say.",
    )
    cosine_scale: float = Field(
        16.0,
        gt=0,
        le=100,
        description="cosine only: factor of the cosines; larger gives surer probabilities.",
    )
    embedding_units: int | None = Field(
        64,
        ge=0,
        le=8192,
        description="Length of the vector that stands for a record just before the logits; null takes the "
        "encoders' features as they are.",
    )
