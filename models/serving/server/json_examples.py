"""Converts the JSON of a classify or regress request to serialised tf.Examples.

Reference: tensorflow_serving/g3doc/api_rest.md, "Classify and Regress API".
"""

from typing import Any

import tensorflow as tf

from models.serving.server.json_document import JsonObject, excerpt, is_base64, read_bytes
from models.serving.server.status import invalid_argument

_INT64 = range(-(2**63), 2**63)


def read_examples(document: JsonObject) -> list[bytes]:
    """Returns one serialised tf.Example per object of `examples`.

    A whole number or truth value becomes an int64, any other number a float, a string or {"b64": "..."}
    bytes. What `context` holds is added to every example.

    Raises:
        RequestError: A list mixes kinds, or holds what a tf.Example cannot.
    """
    if "examples" not in document:
        raise invalid_argument(
            f"JSON Value: {excerpt(document)} When method is classify, key 'examples' is expected "
            "and was not found"
        )
    examples = document["examples"]
    if not isinstance(examples, list):
        raise invalid_argument(
            f"JSON Value: {excerpt(document)} Expecting 'examples' value to be an list/array"
        )
    if not examples:
        raise invalid_argument(f"JSON Value: {excerpt(document)} 'examples' value is an empty array")
    # Serialised messages written one after the other are their union.
    context = _example(document["context"]) if "context" in document else b""
    return [context + _example(one) for one in examples]


def _example(fields: Any) -> bytes:
    if not isinstance(fields, dict):
        raise invalid_argument(f"Example must be JSON object but got JSON {excerpt(fields)}")
    features = {_name(name): _feature(name, value) for name, value in fields.items()}
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def _name(name: str) -> str:
    read_bytes(name)
    return name


def _feature(name: str, value: Any) -> tf.train.Feature:
    values = value if isinstance(value, list) else [value]
    kinds = {_kind(name, one) for one in values}
    if len(kinds) > 1:
        raise invalid_argument(
            f"Unexpected element type in feature: {name} expecting type: {_kind(name, values[0])}"
        )
    if kinds == {"bytes"}:
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[read_bytes(one) for one in values]))
    if kinds == {"int64"}:
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    if kinds == {"float"}:
        # A float32 is infinite where the number is too large for it, as in TensorFlow Serving.
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Feature()


def _kind(name: str, value: Any) -> str:
    if isinstance(value, str) or is_base64(value):
        return "bytes"
    if isinstance(value, float):
        return "float"
    if isinstance(value, int):
        if value not in _INT64:
            raise invalid_argument(f"Feature: {name} has a whole number out of the range of int64.")
        return "int64"
    raise invalid_argument(f"Feature: {name} has element with unexpected JSON type: {excerpt(value)}")
