"""Backbone that runs in inference mode whatever the classifier around it does."""

from typing import Any

import keras

from models.network.backbones.layer_graph import every_layer

_DROPPING = (
    keras.layers.Dropout,
    keras.layers.SpatialDropout2D,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
)


def call_in_inference_mode(backbone: keras.Model, images: Any) -> Any:
    """Calls a pretrained network, as part of a larger one, so that nothing is dropped while that one is trained.

    Keras 2 keeps to the `training=False` of this call. Keras 3 puts its own in its place whenever the larger network
    is trained, so the layers that drop units, whole paths of EfficientNet for instance, are told to drop none. Batch
    normalisation is seen to by `keep_batch_norm_frozen`.

    Args:
        backbone: The network; its layers are changed.
        images: Symbolic tensor that it is called on.

    Returns:
        Its answer, a symbolic tensor.
    """
    for layer in every_layer(backbone):
        if isinstance(layer, _DROPPING):
            setattr(layer, "stddev" if isinstance(layer, keras.layers.GaussianNoise) else "rate", 0.0)
    return backbone(images, training=False)
