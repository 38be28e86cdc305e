"""Batch normalisation that keeps the statistics it was pretrained with."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf

from models.network.backbones.layer_graph import flat_layers

_MARK = "batch_norm_stays_frozen"


def keep_batch_norm_frozen(backbone: keras.Model) -> None:
    """Freezes the batch normalisation of a backbone for good.

    A frozen BatchNormalization layer runs in inference mode: it normalises with its moving statistics,
    which do not change. Batches of a small, imbalanced data set would replace statistics of a million
    images by noisy ones. See `set_trainable`, which leaves these layers frozen in every phase.
    """
    setattr(backbone, _MARK, True)
    freeze_batch_norm(backbone)


def batch_norm_stays_frozen(backbone: keras.Model) -> bool:
    """Says whether `keep_batch_norm_frozen` was called on this backbone."""
    return getattr(backbone, _MARK, False)


def freeze_batch_norm(backbone: keras.Model) -> None:
    """Sets every BatchNormalization layer inside a backbone to `trainable=False`."""
    for layer in flat_layers(backbone):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False


@contextmanager
def frozen_batch_norm_as_affine(model: keras.Model) -> Iterator[None]:
    """Computes frozen batch normalisation as multiplication and addition for as long as the context lasts.

    Frozen, it is an affine map of each channel. TensorFlow's fused operation, whose gradient reckons with statistics
    that change, takes several passes over the batch for it, a tenth to a third of a step of fine-tuning on a CPU. Outside
    of training it stays: there TensorFlow joins it with the convolution before it. Where there is a GPU nothing is
    changed. Functions are traced with what holds when they are first called.

    Args:
        model: A network with BatchNormalization anywhere inside; layers that are trained stay as they are.
    """
    changed = []
    if not tf.config.list_physical_devices("GPU"):
        changed = [layer for layer in flat_layers(model) if _is_fused_and_frozen(layer)]
    for layer in changed:
        layer.fused = False
    try:
        yield
    finally:
        for layer in changed:
            layer.fused = True


def _is_fused_and_frozen(layer: keras.layers.Layer) -> bool:
    # Keras 3 has no fused operation.
    is_norm = isinstance(layer, keras.layers.BatchNormalization)
    return is_norm and not layer.trainable and getattr(layer, "fused", None) is True
