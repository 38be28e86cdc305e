"""Describes a SavedModel's raw features in a file beside it, for whoever has no Transform graph at hand."""

import json
import os
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from core.documents.raw_inputs import FEATURES_ASSET
from core.features import FeatureSpec
from models.serving.raw_signature import input_names, raw_features


def describe_features(spec: FeatureSpec, dtypes: Mapping[str, tf.DType]) -> dict[str, Any]:
    """Puts together what `features.json` holds.

    Args:
        spec: The raw features.
        dtypes: Raw feature to type, the label and the record's key among them.

    Returns:
        `label`; `image`, or None; `features`, one for each input of `predict_raw`: `name`, `input`, the name
        of its tensor, and `kind`: `image`, `number`, `whole` or `text`.
    """
    features = raw_features(dtypes, spec.label)
    names = input_names(features)

    def kind(name: str) -> str:
        if name == spec.image:
            return "image"
        if dtypes[name] == tf.string:
            return "text"
        return "whole" if dtypes[name].is_integer else "number"

    return {
        "label": spec.label,
        "image": spec.image,
        "features": [{"name": name, "input": names[name], "kind": kind(name)} for name in features],
    }


def write_features(folder: str, content: dict[str, Any]) -> None:
    """Writes the document into a SavedModel's folder, where TensorFlow Serving leaves it alone."""
    path = os.path.join(folder, FEATURES_ASSET)
    tf.io.gfile.makedirs(os.path.dirname(path))
    with tf.io.gfile.GFile(path, "w") as handle:
        handle.write(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
