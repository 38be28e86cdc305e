"""Model section of an experiment: the network from its inputs to logits."""

from typing import Annotated, Any, Literal

from pydantic import Field

from models.catalogue.attention import ATTENTION
from models.catalogue.branches import BRANCHES
from models.catalogue.row import declared, names_of, one_of, settings_of
from models.settings.image import ImageModelSettings
from models.settings.tabular import TabularModelSettings

_FIELDS: dict[str, Any] = {
    "image": (
        ImageModelSettings,
        Field(default_factory=ImageModelSettings, description="Encoder of images."),
    ),
    "tabular": (
        TabularModelSettings,
        Field(
            default_factory=TabularModelSettings,
            description="Encoder of numeric and categorical columns.",
        ),
    ),
    "attention": (
        one_of("none", *names_of(ATTENTION)),
        Field("none", description="Attention over the image features."),
    ),
    "pooling": (
        Literal["mean", "attention"],
        Field(
            "mean",
            description="How the image features become one vector; attention weighs places by a learnt query.",
        ),
    ),
    "fusion": (
        Literal["concatenate", "gating", "cross_attention"],
        Field(
            "concatenate",
            description="How image and columns are joined; in cross_attention the columns choose where to look.",
        ),
    ),
    "branches": (
        one_of(*names_of(BRANCHES)),
        Field(
            "single",
            description="single is one classifier; the others split the work between several.",
        ),
    ),
    **declared(BRANCHES),
    "classifier": (
        Literal["linear", "cosine"],
        Field(
            "linear",
            description="How logits are computed; with cosine the length of a class's weights has no say.",
        ),
    ),
    "cosine_scale": (
        float,
        Field(
            16.0,
            gt=0,
            le=100,
            description="cosine only: factor of the cosines; larger gives surer probabilities.",
        ),
    ),
    "embedding_units": (
        int | None,
        Field(
            64,
            ge=0,
            le=8192,
            description="Length of the vector that stands for a record just before the logits; null takes the "
            "encoders' features as they are.",
        ),
    ),
    "blend": (
        Literal["fitted"] | Annotated[float, Field(ge=0, le=1)],
        Field(
            "fitted",
            description="tabular.trees only: the network's share of the answer, the trees' being what is left; fitted "
            "chooses it by the log loss of records held out.",
        ),
    ),
}
_ModelFields: Any = settings_of("_ModelFields", _FIELDS)


class ModelSettings(_ModelFields):
    """The network from its inputs to one logit per class."""
