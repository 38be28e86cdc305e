"""Warms up a model, so that its first client does not wait for the graph to be made ready."""

import os
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from models.serving.server.batched_signature import BatchedSignature
from models.serving.server.signature import DEFAULT_SIGNATURE, Tensors

REQUESTS_FILE = os.path.join("assets.extra", "tf_serving_warmup_requests")
# TensorFlow Serving's limit.
_MOST_REQUESTS = 1000


def warm_up(folder: str, signatures: dict[str, BatchedSignature]) -> None:
    """Replays the warm-up requests kept beside a SavedModel, alone and joined.

    Where there are none, every signature is run on zeros and empty strings, whatever it answers.

    Args:
        folder: The SavedModel.
        signatures: Of the loaded model, by name.

    Raises:
        ValueError: The model cannot answer a request kept for it.
    """
    path = os.path.join(folder, REQUESTS_FILE)
    if not os.path.isfile(path):
        for signature in signatures.values():
            _run_on_blank(signature)
        return
    for name, tensors in _kept_requests(path):
        try:
            signature = signatures[name]
            signature.signature.check(tensors)
            signature(tensors)
            if signature.joins:
                signature.run_joined(tensors)
        except Exception as error:
            raise ValueError(f"{path}: a warm-up request failed: {error}") from error


def _kept_requests(path: str) -> Iterator[tuple[str, Tensors]]:
    from tensorflow_serving.apis import prediction_log_pb2

    records = tf.data.TFRecordDataset(path).take(_MOST_REQUESTS)
    for record in records.as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog.FromString(record)
        # Logs of other methods warm up nothing that Predict does not.
        if log.HasField("predict_log"):
            request = log.predict_log.request
            name = request.model_spec.signature_name or DEFAULT_SIGNATURE
            yield name, {key: tf.make_ndarray(value) for key, value in request.inputs.items()}


def _run_on_blank(signature: BatchedSignature) -> None:
    tensors = {}
    for name, spec in signature.signature.inputs.items():
        if spec.shape.rank is None:
            return
        shape = [1 if size is None else size for size in spec.shape]
        text = spec.dtype == tf.string
        tensors[name] = np.full(shape, b"", object) if text else np.zeros(shape, spec.dtype.as_numpy_dtype)
    try:
        signature(tensors)
        if signature.joins:
            signature.run_joined(tensors)
    except tf.errors.OpError:
        return
