"""Requests kept beside a SavedModel, which a server answers before it takes the first of its clients."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_serving.apis import prediction_log_pb2
from tfx.dsl.io import fileio

from core.documents.raw_inputs import features_by_input

REQUESTS_ASSET = os.path.join("assets.extra", "tf_serving_warmup_requests")
# The input that takes serialised tf.Examples.
_SERIALIZED = "examples"
_MOST_RECORDS = 4
# The requests are part of every pushed version, and images may be large.
_MOST_BYTES = 2 * 2**20


def first_examples(split_uri: str) -> list[bytes]:
    """Reads the records that the requests are made of: the first few of a split.

    Args:
        split_uri: Folder of gzipped TFRecord shards.

    Returns:
        Up to four records, of no more than 2 MiB together unless the first alone is larger.
    """
    paths = sorted(fileio.glob(os.path.join(split_uri, "*")))
    examples: list[bytes] = []
    for example in tf.data.TFRecordDataset(paths, "GZIP").take(_MOST_RECORDS).as_numpy_iterator():
        if examples and sum(map(len, examples)) + len(example) > _MOST_BYTES:
            break
        examples.append(example)
    return examples


def write_warmup_requests(folder: str, examples: Sequence[bytes]) -> None:
    """Writes one request with all records for every signature that records can be put to.

    Args:
        folder: Of the SavedModel; gets `assets.extra/tf_serving_warmup_requests`, a TFRecord of
            PredictionLogs, as TensorFlow Serving reads it. Without records there is none.
        examples: Serialised raw tf.Examples. A signature whose inputs are neither these nor features of
            theirs is left out.
    """
    if not examples:
        return
    features = _feature_of_input(folder)
    path = os.path.join(folder, REQUESTS_ASSET)
    fileio.makedirs(os.path.dirname(path))
    with tf.io.TFRecordWriter(path) as writer:
        for name, inputs in sorted(_inputs_of_signatures(folder).items()):
            tensors = request_tensors(inputs, examples, features)
            if tensors is not None:
                # Equal requests are equal bytes, whatever the order of a hash map.
                writer.write(_log(name, tensors).SerializeToString(deterministic=True))


def request_tensors(
    inputs: dict[str, tf.DType], examples: Sequence[bytes], features: dict[str, str]
) -> dict[str, np.ndarray] | None:
    """Puts records into the inputs of a signature.

    Args:
        inputs: The signature's, name to type.
        examples: Serialised raw tf.Examples.
        features: Input to the raw feature that it takes; one that is not named takes its namesake.

    Returns:
        Input to values `(batch,)`, where "", NaN and, where there is no NaN, 0 stand for missing; None where
        an input is no feature.
    """
    if set(inputs) == {_SERIALIZED}:
        return {_SERIALIZED: np.array(examples, object)}
    records = [_first_values(example) for example in examples]
    known = set(features.values()).union(*records)
    tensors = {}
    for name, dtype in inputs.items():
        feature = features.get(name, name)
        if feature not in known:
            return None
        missing: Any = b"" if dtype == tf.string else np.nan if dtype.is_floating else 0
        values = [record.get(feature, missing) for record in records]
        tensors[name] = np.array(values, object if dtype == tf.string else dtype.as_numpy_dtype)
    return tensors


def _inputs_of_signatures(folder: str) -> dict[str, dict[str, tf.DType]]:
    """Reads the signatures' definitions, without loading the model again."""
    with fileio.open(os.path.join(folder, "saved_model.pb"), "rb") as handle:
        saved = saved_model_pb2.SavedModel.FromString(handle.read())
    return {
        name: {key: tf.as_dtype(one.dtype) for key, one in signature.inputs.items()}
        for name, signature in saved.meta_graphs[0].signature_def.items()
        # The definition of the initialiser stands among them, and has none.
        if signature.inputs
    }


def _feature_of_input(folder: str) -> dict[str, str]:
    return {name: one.name for name, one in features_by_input(folder, fileio).items()}


def _first_values(example: bytes) -> Mapping[str, Any]:
    features = tf.train.Example.FromString(example).features.feature
    values = {name: _values(feature) for name, feature in features.items()}
    return {name: held[0] for name, held in values.items() if held}


def _values(feature: tf.train.Feature) -> Sequence[Any]:
    kind = feature.WhichOneof("kind")
    return getattr(feature, kind).value if kind else []


def _log(signature: str, tensors: dict[str, np.ndarray]) -> prediction_log_pb2.PredictionLog:
    log = prediction_log_pb2.PredictionLog()
    request = log.predict_log.request
    # TensorFlow Serving replays it against the model it lies beside, whatever that is called.
    request.model_spec.name = "model"
    request.model_spec.signature_name = signature
    for name, values in tensors.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(values, shape=values.shape))
    return log
