"""Backbones out of keras.applications, each with the scaling of pixels it was made for."""

import keras

from models.catalogue.backbones import backbone_row
from models.network.backbones.inference_mode import call_in_inference_mode
from models.network.backbones.input_scaling import InputScaling
from models.network.backbones.layer_graph import flat_layers
from models.network.backbones.seeded_weights import draw_weights
from models.network.backbones.weights_file import load_weights_file
from models.settings import ImageModelSettings


def keras_application(
    settings: ImageModelSettings, input_shape: tuple[int, int, int], seed: int = 0
) -> keras.Model:
    """Builds a model of keras.applications without its classifier.

    With pretrained weights and `settings.frozen_batch_norm` it runs in inference mode in training too:
    batch normalisation keeps its statistics and nothing is dropped. Where it learns new ones, its moving
    averages get a momentum of at most 0.9: the 0.99 to 0.999 of keras.applications are made for a million
    images, and would lag epochs behind the weights on a small data set.

    Args:
        settings: Name in keras.applications, alpha and weights.
        input_shape: `(height, width, channels)`, channels 1 (repeated to 3) or 3.
        seed: Decides the initial weights where `settings.weights` is None. What EfficientNet drops while
            it is trained follows the seed of the process.

    Returns:
        A model from float32 images in [0, 255], `(batch, height, width, channels)`, to a feature map,
        float `(batch, map_height, map_width, filters)`.

    Raises:
        ValueError: A side is too short, or the weights file fits another network.
        ConnectionError: The ImageNet weights cannot be fetched.
    """
    name = settings.backbone
    row = backbone_row(name)
    least = row.smallest_side
    if min(input_shape[:2]) < least:
        raise ValueError(
            f"{name} needs images of at least {least} x {least} pixels. Received: input_shape={input_shape}. "
            "Raise `model.image.size`, or name small_cnn."
        )
    application = _application(settings, (*input_shape[:2], 3))
    if settings.weights is None:
        draw_weights(application, seed)
    elif settings.weights != "imagenet":
        load_weights_file(application, settings.weights)
        if name.startswith("EfficientNetB"):
            _restore_imagenet_scaling(application)
    if not settings.keeps_batch_norm:
        _quicken_batch_norm(application)

    images = keras.Input(input_shape, name="image", dtype="float32")
    scaled = InputScaling(row.pixels, name="scale")(images)
    is_kept = settings.keeps_batch_norm
    features = call_in_inference_mode(application, scaled) if is_kept else application(scaled)
    return keras.Model(images, features, name=name)


def _application(settings: ImageModelSettings, input_shape: tuple[int, int, int]) -> keras.Model:
    width = {"alpha": settings.alpha} if backbone_row(settings.backbone).takes_alpha else {}
    constructor = getattr(keras.applications, settings.backbone)
    if settings.weights != "imagenet":
        return constructor(include_top=False, weights=None, input_shape=input_shape, **width)
    try:
        return constructor(include_top=False, weights="imagenet", input_shape=input_shape, **width)
    except Exception as err:
        # Keras raises a bare Exception where a download fails, and an OSError where it cannot store it.
        if not (isinstance(err, OSError) or "URL fetch failure" in str(err)):
            raise
        raise ConnectionError(
            f"The ImageNet weights of {settings.backbone} cannot be fetched: {err}. Download the `no_top` "
            "weights file of keras.applications elsewhere and set `model.image.weights` to its path."
        ) from err


def _quicken_batch_norm(application: keras.Model) -> None:
    for layer in flat_layers(application):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = min(layer.momentum, 0.9)


def _restore_imagenet_scaling(application: keras.Model) -> None:
    """Divides the input of EfficientNet by the root of its standard deviation once more.

    keras.applications adds a layer for it under `weights="imagenet"` alone, so that the same weights given
    as a file would see pixels at half their contrast. Only such weights carry statistics of pixels: those
    of a network that was trained from scratch have mean 0. The layer divides by the root of the variance,
    so variance ** 1.5 stands for standard deviation ** 1.5.
    """
    for layer in flat_layers(application):
        if isinstance(layer, keras.layers.Normalization):
            mean, variance, *count = layer.get_weights()
            if mean.any():
                layer.set_weights([mean, variance**1.5, *count])
                layer.finalize_state()
