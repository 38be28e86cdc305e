"""Describes a SavedModel's raw features, for whoever has no Transform graph at hand."""

from collections.abc import Mapping
from typing import Literal

import tensorflow as tf

from core.documents.raw_inputs import RawFeature, RawInputs
from core.features import FeatureSpec
from models.serving.raw_signature import input_names, raw_features


def describe_features(spec: FeatureSpec, dtypes: Mapping[str, tf.DType]) -> RawInputs:
    """Says of each input of `predict_raw` which raw feature it stands for, and of what kind that is.

    Args:
        spec: The raw features.
        dtypes: Raw feature to type, the label and the record's key among them.
    """
    features = raw_features(dtypes, spec.label)
    names = input_names(features)

    def kind(name: str) -> Literal["image", "number", "whole", "text"]:
        if name == spec.image:
            return "image"
        if dtypes[name] == tf.string:
            return "text"
        return "whole" if dtypes[name].is_integer else "number"

    return RawInputs(
        label=spec.label,
        image=spec.image,
        features=tuple(RawFeature(name=name, input=names[name], kind=kind(name)) for name in features),
    )
