"""Grad-CAM: the places of an image that speak for a class."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.ensemble import joined_answer, joined_members, members_of

_FEATURE_MAP = "feature_map"
# A member of an ensemble without weight has no say.
_ZERO = tf.UnconnectedGradients.ZERO


def grad_cam(model: keras.Model, inputs: Mapping[str, Any], class_index: int | np.ndarray) -> np.ndarray:
    """Computes for each record how much each place of its image speaks for a class.

    With A_k the channels of the backbone's feature map and z the class's logit,

        relu(sum_k a_k A_k),    a_k = mean over positions of dz / dA_k

    divided by its greatest value in the record. A record where nothing speaks for the class is 0 all over. The maps of
    an ensemble's members are added up before.

    Reference: Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
    Localization", 2017, https://arxiv.org/abs/1610.02391

    Args:
        model: A classifier made by build_classifier, of any kind of branches.
        inputs: What the classifier takes, the image among it.
        class_index: Index of the class, one for all records or `(batch,)`.

    Returns:
        Float32 `(batch, map_height, map_width)` in [0, 1].

    Raises:
        ValueError: The model has no image, or an index is not that of a class.
    """
    probe = grad_cam_probe(model)
    records = {name: tf.convert_to_tensor(inputs[name]) for name in model.input}
    classes = tf.broadcast_to(tf.cast(class_index, tf.int32), [records["image"].shape[0]])
    num_classes = model.output.shape[-1]
    if not np.isin(classes, np.arange(num_classes)).all():
        raise ValueError(
            f"`class_index` must be in [0, {num_classes}), one for all or one per record. "
            f"Received: class_index={class_index}"
        )
    return grad_cam_maps(probe, records, classes).numpy()


def has_grad_cam(model: keras.Model) -> bool:
    """Tells whether grad_cam can be asked of a classifier: whether it has a layer `feature_map`."""
    return all(_has_map(member) for member in members_of(model))


def _has_map(model: keras.Model) -> bool:
    return _FEATURE_MAP in {layer.name for layer in model.layers}


def grad_cam_probe(model: keras.Model) -> keras.Model:
    """Returns the classifier with the backbone's feature map as another output, before the logits.

    Of an ensemble there are as many maps as members.

    Raises:
        ValueError: The model has no image.
    """
    if not has_grad_cam(model):
        raise ValueError(f"grad_cam needs a classifier of images. Received: model {model.name!r}")
    members = members_of(model)
    probes = [
        keras.Model(member.input, [member.get_layer(_FEATURE_MAP).output, member.output])
        for member in members
    ]
    if members == [model]:
        return probes[0]
    answers = joined_members(model, probes)
    logits = joined_answer(model, [logits for _, logits in answers])
    return keras.Model(model.input, [*(feature_map for feature_map, _ in answers), logits])


def grad_cam_maps(probe: keras.Model, records: Mapping[str, tf.Tensor], classes: tf.Tensor) -> tf.Tensor:
    """Computes what grad_cam does, with tensors alone, so that a graph can hold it.

    Args:
        probe: What grad_cam_probe made of the classifier.
        records: What the classifier takes.
        classes: Indices of classes, int `(batch,)`, which are not checked.

    Returns:
        Float32 `(batch, map_height, map_width)` in [0, 1].
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        # Watching the image, not the weights, records the feature map of a frozen backbone too.
        tape.watch(records["image"])
        *feature_maps, logits = probe(records, training=False)
        logits_of_class = tf.gather(logits, classes, batch_dims=1)
    if tf.executing_eagerly():
        gradients = tape.gradient(logits_of_class, feature_maps, unconnected_gradients=_ZERO)
    else:
        # The tape would write the backbone's gradient into the graph too, to no use: half as large again.
        gradients = tf.gradients(logits_of_class, feature_maps, unconnected_gradients=_ZERO)
    speaks = tf.add_n([_speaks(*pair) for pair in zip(feature_maps, gradients, strict=True)])
    return tf.math.divide_no_nan(speaks, tf.reduce_max(speaks, axis=(1, 2), keepdims=True))


def _speaks(feature_map: tf.Tensor, gradient: tf.Tensor) -> tf.Tensor:
    """Weighs the channels by their mean gradient, and adds up what speaks for the class."""
    importance = tf.reduce_mean(tf.cast(gradient, tf.float32), axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(importance * tf.cast(feature_map, tf.float32), axis=-1))
