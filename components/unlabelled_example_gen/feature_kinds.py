"""Lists the features of unlabelled records, by the schema of the records that the model learns from."""

import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import schema_utils

from core.features import BOOKKEEPING


def feature_kinds(schema: schema_pb2.Schema, label: str, image: str | None) -> dict[str, str]:
    """Returns feature to `image`, `whole`, `number` or `text`, sorted, without the label and the record's key.

    Args:
        schema: Of the raw records, read as Transform reads it.
        label: Feature of the class's name.
        image: Feature of the encoded image, or None.
    """
    features = schema_utils.schema_as_feature_spec(schema).feature_spec
    return {
        name: "image" if name == image else _kind(features[name].dtype)
        for name in sorted(features)
        if name not in (label, *BOOKKEEPING)
    }


def _kind(dtype: tf.DType) -> str:
    if dtype == tf.string:
        return "text"
    return "whole" if dtype.is_integer else "number"
