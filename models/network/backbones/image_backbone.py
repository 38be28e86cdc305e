"""The encoder of images that an experiment names, with the weights it starts from."""

import keras

from models.network.backbones.batch_norm import keep_batch_norm_frozen
from models.network.backbones.keras_application import keras_application
from models.network.backbones.keras_hub_preset import keras_hub_preset
from models.network.backbones.resnet32 import resnet32
from models.network.backbones.small_cnn import small_cnn
from models.network.backbones.weights_file import load_weights_file
from models.settings import KERAS_HUB_PREFIX, ImageModelSettings


def image_backbone(
    settings: ImageModelSettings, input_shape: tuple[int, int, int], seed: int = 0
) -> keras.Model:
    """Builds the encoder of images that an experiment names.

    The scaling of pixels that the backbone was made for is part of it. Pretrained weights are in place;
    where `settings.frozen_batch_norm` says so, batch normalisation uses and keeps their statistics.

    Args:
        settings: Name of the backbone, its width and its weights.
        input_shape: `(height, width, channels)` with 1 or 3 channels, no side shorter than the backbone's
            minimum.
        seed: Decides the initial weights where `settings.weights` is None.

    Returns:
        A model from float32 images in [0, 255], `(batch, height, width, channels)`, to a feature map,
        float `(batch, map_height, map_width, filters)`. It carries the name of the backbone.

    Raises:
        ValueError: A side is too short, or the weights file fits another network.
        ConnectionError: The ImageNet weights cannot be fetched.
        ModuleNotFoundError: A KerasHub preset is named and KerasHub is not installed.
    """
    own = {"small_cnn": small_cnn, "resnet32": resnet32}.get(settings.backbone)
    if own is not None:
        backbone = own(settings, input_shape, seed)
        if settings.weights is not None:
            load_weights_file(backbone, settings.weights)
    elif settings.backbone.startswith(KERAS_HUB_PREFIX):
        backbone = keras_hub_preset(settings, input_shape, seed)
    else:
        backbone = keras_application(settings, input_shape, seed)
    if settings.keeps_batch_norm:
        keep_batch_norm_frozen(backbone)
    return backbone
