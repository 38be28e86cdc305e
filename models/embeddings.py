"""Embeds images by a pretrained network that is not trained any further."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from core.callbacks import EmbedFn
from models.network.backbones.image_backbone import image_backbone
from models.preprocessing.images import decode_images
from models.settings import ModelSettings


def embed_fn(model: Mapping[str, Any], batches: Iterable[list[bytes]]) -> np.ndarray:
    """Embeds images by the pretrained backbone of an experiment: its feature map's mean over the image.

    Args:
        model: The experiment's `model`, whose `image` names a backbone with weights.
        batches: Encoded images.

    Returns:
        Float32 `(images, filters)`.

    Raises:
        ValueError: The backbone has no weights, or there is no image.
    """
    settings = ModelSettings.model_validate(model).image
    if settings.weights is None:
        raise ValueError(
            "Expected a backbone with pretrained weights, whose features mean something. Received: "
            "model.image.weights=null. Set it to imagenet or to the path of a weights file."
        )
    backbone = image_backbone(settings, (*settings.size, settings.channels))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def embed(encoded):
        images = decode_images(encoded, settings.size, settings.channels)
        return tf.reduce_mean(backbone(images, training=False), axis=[1, 2])

    vectors = [embed(tf.constant(batch)).numpy() for batch in batches]
    if not vectors:
        raise ValueError("Expected at least one image. Received: none.")
    return np.concatenate(vectors)


_CALLED_BY_CONTENDERS: EmbedFn = embed_fn
