"""Encoder of images that an experiment names, with the weights it starts from."""

import keras

from models.catalogue.backbones import backbone_row
from models.network.backbones.batch_norm import keep_batch_norm_frozen
from models.network.backbones.weights_file import load_weights_file
from models.settings import ImageModelSettings


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
    row = backbone_row(settings.backbone)
    backbone = row.load()(settings, input_shape, seed)
    # The others read their weights, or those of ImageNet, where they are built.
    if not row.imagenet_alphas and settings.weights is not None:
        load_weights_file(backbone, settings.weights)
    if settings.keeps_batch_norm:
        keep_batch_norm_frozen(backbone)
    return backbone
