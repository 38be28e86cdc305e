"""Explanation of a decision: what in a record spoke for its class."""

import os
import tempfile
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from tfx.dsl.io import fileio

from core.callbacks import Explained, ExplainFn
from core.features import CATEGORICAL, IMAGE, MISSING, NUMERIC, FeatureSpec
from models.network.ensemble import members_of
from models.network.grad_cam import grad_cam
from models.network.tabular.feature_attention import feature_attention_model
from models.preprocessing.images import decode_images
from models.serving.python_model import KERAS_MODEL
from models.serving.saved_network import load_network

_COLUMNS = {NUMERIC: "numeric", MISSING: "missing", CATEGORICAL: "categorical"}


def explain_fn(
    model_run: str,
    transform_graph: str,
    label: str,
    image: str | None,
    examples: Sequence[bytes],
    class_indices: Sequence[int],
) -> Explained | None:
    """Explains decisions for raw records.

    Images are explained by Grad-CAM. Columns are explained by the attention they get where the encoder is
    `feature_attention`; else numbers by gradient times input, and categories, which have no gradient, not.

    Args:
        model_run: Folder that holds the trained network as `classifier.keras`.
        transform_graph: Folder of Transform's graph.
        label: Raw feature of the class's name.
        image: Raw feature of the encoded image, or None.
        examples: Serialised raw tf.Examples, at least one.
        class_indices: The class to explain for each.

    Returns:
        None where the folder holds no network, or nothing can be explained.
    """
    path = os.path.join(model_run, KERAS_MODEL)
    if not fileio.exists(path):
        return None
    model = load_classifier(path)
    transform = tft.TFTransformOutput(transform_graph)
    inputs = _inputs(model, transform, examples)
    classes = np.asarray(class_indices, np.int32)
    maps = grad_cam(model, inputs, classes) if "image" in inputs else None
    names, weights, signed, method = _columns(model, inputs, classes, _spec(transform, label, image))
    if maps is None and weights is None:
        return None
    return Explained(
        maps=maps,
        image_method=None if maps is None else "Grad-CAM",
        columns=names,
        column_weights=weights,
        signed=signed,
        column_method=method,
    )


_CALLED_BY_HTML_REPORT: ExplainFn = explain_fn


def load_classifier(path: str) -> keras.Model:
    """Loads a saved classifier from any file system; it is not compiled."""
    with tempfile.TemporaryDirectory() as folder:
        # Keras reads the format from local files only.
        local = os.path.join(folder, KERAS_MODEL)
        fileio.copy(path, local)
        return load_network(local)


def gradient_times_input(
    model: keras.Model, inputs: dict[str, tf.Tensor], class_indices: np.ndarray
) -> np.ndarray:
    """Computes how much each number moves a class's logit away from where the median would put it.

    With x_j the number's normal score, 0 at the median, and z the class's logit, `x_j dz / dx_j`, divided by
    the greatest absolute value in the record: a first-order estimate of z(x) - z(median).

    Reference: Shrikumar et al., "Not Just a Black Box: Learning Important Features Through Propagating
    Activation Differences", 2016, https://arxiv.org/abs/1605.01713

    Args:
        model: The classifier.
        inputs: What it takes, `numeric` among it.
        class_indices: Int `(batch,)`.

    Returns:
        Float32 `(batch, num_numeric)` in [-1, 1]; above 0 speaks for the class.
    """
    numeric = inputs["numeric"]
    with tf.GradientTape() as tape:
        tape.watch(numeric)
        logits = tf.gather(model({**inputs, "numeric": numeric}, training=False), class_indices, batch_dims=1)
    # Trees answer in steps, which have no gradient.
    gradient = tape.gradient(logits, numeric, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    moved = (gradient * numeric).numpy()
    largest = np.abs(moved).max(axis=1, keepdims=True)
    scaled: np.ndarray = np.divide(moved, largest, out=np.zeros_like(moved), where=largest > 0)
    return scaled


def _inputs(
    model: keras.Model, transform: tft.TFTransformOutput, examples: Sequence[bytes]
) -> dict[str, tf.Tensor]:
    raw = tf.io.parse_example(tf.constant(list(examples)), transform.raw_feature_spec())
    transformed = transform.transform_features_layer()(raw)
    inputs = {name: transformed[key] for key, name in _COLUMNS.items() if key in transformed}
    if IMAGE in transformed:
        height, width, channels = model.input["image"].shape[1:]
        inputs["image"] = decode_images(transformed[IMAGE], (height, width), channels)
    return {name: inputs[name] for name in model.input}


def _spec(transform: tft.TFTransformOutput, label: str, image: str | None) -> FeatureSpec:
    dtypes = {name: feature.dtype for name, feature in transform.raw_feature_spec().items()}
    return FeatureSpec.from_dtypes(dtypes, label, image)


def _columns(
    model: keras.Model, inputs: dict[str, tf.Tensor], classes: np.ndarray, spec: FeatureSpec
) -> tuple[list[str], np.ndarray | None, bool, str | None]:
    """Returns names and weights of columns, whether these are signed, and the method."""
    members = members_of(model)
    if all("feature_attention" in {layer.name for layer in member.layers} for member in members):
        maps = [feature_attention_model(member) for member in members]
        weights = np.mean(
            [one({name: inputs[name] for name in one.input}, training=False) for one in maps], axis=0
        )
        return [*spec.numeric, *spec.categorical], weights, False, "attention of the encoder"
    if "numeric" in inputs:
        weights = gradient_times_input(model, inputs, classes)
        return list(spec.numeric), weights, True, "gradient times input, of numbers only"
    return [], None, False, None
