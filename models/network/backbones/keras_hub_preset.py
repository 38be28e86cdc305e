"""Backbones out of KerasHub, by the name of a preset."""

import keras

from models.catalogue.backbones import KERAS_HUB_PREFIX
from models.network.backbones.inference_mode import call_in_inference_mode
from models.network.backbones.input_scaling import InputScaling
from models.network.backbones.seeded_weights import draw_weights
from models.network.backbones.weights_file import load_weights_file
from models.settings import ImageModelSettings


def keras_hub_preset(
    settings: ImageModelSettings, input_shape: tuple[int, int, int], seed: int = 0
) -> keras.Model:
    """Builds the backbone of a KerasHub preset, as in `keras_hub:resnet_18_imagenet`.

    Args:
        settings: Backbone and weights: `imagenet` takes the preset's own weights, whatever it was trained
            on; None takes its architecture alone.
        input_shape: `(height, width, channels)`, channels 1 (repeated to 3) or 3.
        seed: Decides the initial weights where `settings.weights` is None.

    Returns:
        A model from float32 images in [0, 255], `(batch, height, width, channels)`, to a feature map,
        float `(batch, map_height, map_width, filters)`.

    Raises:
        ModuleNotFoundError: KerasHub is not installed.
        ValueError: The preset's backbone does not end in a feature map.
    """
    preset = settings.backbone.removeprefix(KERAS_HUB_PREFIX)
    try:
        import keras_hub
    except ImportError as err:
        raise ModuleNotFoundError(
            f"The backbone {settings.backbone!r} needs KerasHub, which is not installed. Install keras-hub "
            "(it needs Keras 3, so Python 3.11 or later), or name a model of keras.applications."
        ) from err
    inner = keras_hub.models.Backbone.from_preset(
        preset, load_weights=settings.weights == "imagenet", image_shape=(*input_shape[:2], 3)
    )
    if settings.weights is None:
        draw_weights(inner, seed)
    elif settings.weights != "imagenet":
        load_weights_file(inner, settings.weights)

    images = keras.Input(input_shape, name="image", dtype="float32")
    scaled = InputScaling("none", name="scale")(images)
    converter = keras_hub.layers.ImageConverter.from_preset(preset)
    if converter.scale is not None:
        offset = 0.0 if converter.offset is None else converter.offset
        scaled = keras.layers.Rescaling(converter.scale, offset, name="preset_scale")(scaled)
    features = call_in_inference_mode(inner, scaled) if settings.keeps_batch_norm else inner(scaled)
    if len(features.shape) != 4:
        raise ValueError(
            "A backbone must end in a feature map (batch, height, width, filters). Received: "
            f"{settings.backbone!r}, whose features have the shape {tuple(features.shape)}. Name a preset of "
            "a convolutional network."
        )
    # A colon is no part of a layer's name.
    return keras.Model(images, features, name=settings.backbone.replace(":", "_"))
