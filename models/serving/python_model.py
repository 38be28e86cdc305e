"""Predicts with the trained Keras network in Python, as the reference for the SavedModel."""

import os
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

from core.callbacks import NetworkAnswers, PredictFn
from core.features import CATEGORICAL, IMAGE, MISSING, NUMERIC
from models.preprocessing.images import decode_image
from models.serving.embedder import embedder
from models.serving.saved_network import load_network

KERAS_MODEL = "classifier.keras"
_COLUMNS = {NUMERIC: "numeric", MISSING: "missing", CATEGORICAL: "categorical"}
_BATCH = 64


def predict_fn(
    model_run_uri: str, transform_graph_uri: str, serialized_examples: Sequence[bytes]
) -> NetworkAnswers:
    """Computes the network's probabilities and embedding the way its training saw the records.

    Records pass the transform graph, their images are decoded one by one and kept as bytes, as between epochs,
    and the Keras model is called; no SavedModel and no signature of it takes part.

    Args:
        model_run_uri: Folder of the model run, which holds `classifier.keras`.
        transform_graph_uri: Folder of Transform's graph.
        serialized_examples: Raw tf.Examples, at least one.

    Raises:
        tf.errors.InvalidArgumentError: A record or an image cannot be read.
    """
    model = load_network(os.path.join(model_run_uri, KERAS_MODEL))
    transform = tft.TFTransformOutput(transform_graph_uri)
    layer, spec = transform.transform_features_layer(), transform.raw_feature_spec()
    both = keras.Model(model.input, [model.output, embedder(model).output])

    # Called eagerly, TensorFlow writes out every raw column of a batch for the text of an error that it then catches.
    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None], tf.string)])
    def transformed_features(batch):
        return layer(tf.io.parse_example(batch, spec))

    logits, embedding = [], []
    for start in range(0, len(serialized_examples), _BATCH):
        transformed = transformed_features(tf.constant(serialized_examples[start : start + _BATCH]))
        inputs = {name: transformed[key] for key, name in _COLUMNS.items() if key in transformed}
        if IMAGE in transformed:
            inputs["image"] = _pixels(transformed[IMAGE], model.input["image"].shape)
        of_batch, vectors = both(inputs, training=False)
        logits.append(of_batch.numpy().astype(np.float64))
        embedding.append(vectors.numpy().astype(np.float32))
    return NetworkAnswers(_softmax(np.concatenate(logits)), np.concatenate(embedding))


_CALLED_BY_SERVING_VALIDATOR: PredictFn = predict_fn


def _pixels(encoded: tf.Tensor, shape: Any) -> tf.Tensor:
    height, width, channels = shape[1:]
    images = [tf.cast(decode_image(one, (height, width), channels), tf.uint8) for one in encoded]
    return tf.cast(tf.stack(images), tf.float32)


def _softmax(logits: np.ndarray) -> np.ndarray:
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)
