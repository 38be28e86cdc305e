"""Predictions of a SavedModel for the examples of a split."""

import os

import numpy as np
import tensorflow as tf
from tfx.dsl.io import fileio

from components.decision_calibrator.loaded_model import load_model

_BATCH = 256


def predict_split(
    folder: str, split_uri: str, label: str, classes: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Asks a model for the probabilities of every example.

    Args:
        folder: Of the SavedModel, whose `serving_default` takes serialised tf.Examples.
        split_uri: Folder of gzipped TFRecord shards of raw tf.Examples.
        label: Feature of the class's name.
        classes: Names in the order of the probabilities.

    Returns:
        Probabilities, float64 `(n, classes)`, and class indices, int64 `(n,)`, in the order of the shards.
        Examples of a class that the model does not know are left out.
    """
    signature = load_model(folder).signatures["serving_default"]
    paths = sorted(fileio.glob(os.path.join(split_uri, "*")))
    index_of = {name: index for index, name in enumerate(classes)}
    spec = {label: tf.io.FixedLenFeature([], tf.string)}
    probabilities, labels = [np.empty((0, len(classes)))], [np.empty(0, np.int64)]
    for batch in tf.data.TFRecordDataset(paths, "GZIP").batch(_BATCH):
        names = [name.decode() for name in tf.io.parse_example(batch, spec)[label].numpy()]
        known = np.array([name in index_of for name in names])
        answers = signature(examples=batch)["probabilities"].numpy().astype(np.float64)
        probabilities.append(answers[known])
        labels.append(np.array([index_of[name] for name in names if name in index_of], np.int64))
    return np.concatenate(probabilities), np.concatenate(labels)
