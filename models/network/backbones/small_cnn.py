"""A small convolutional encoder of images, trained from scratch."""

import math

import keras

from models.network.layers.layer_seed import layer_seed
from models.settings import ImageModelSettings

_FILTERS = (16, 32, 64, 128, 128)


def small_cnn(settings: ImageModelSettings, input_shape: tuple[int, int, int], seed: int = 0) -> keras.Model:
    """Builds a small convolutional encoder for images from 8 x 8 pixels, trained from scratch.

    Five blocks of 3 x 3 convolution, batch normalisation and ReLU, with 16, 32, 64, 128 and 128
    filters times `settings.alpha`: 0.25 million parameters at alpha 1. The first blocks end in 2 x 2
    max pooling, as many as bring the shorter side down to 4-7 pixels, four at most; an image of 128
    pixels or more is also halved by the first convolution, which costs the most. It scales
    its input from [0, 255] to [-1, 1] itself.

    Args:
        settings: Only `alpha` is read.
        input_shape: `(height, width, channels)`, height and width at least 8.
        seed: Decides the initial weights.

    Returns:
        A model from float32 images in [0, 255], `(batch, height, width, channels)`, to a feature map,
        float `(batch, map_height, map_width, filters)`, at least 0.

    Raises:
        ValueError: A side is shorter than 8 pixels.
    """
    shorter_side = min(input_shape[:2])
    if shorter_side < 8:
        raise ValueError(
            f"small_cnn needs images of at least 8 x 8 pixels. Received: input_shape={input_shape}. "
            "Raise `model.image.size`."
        )
    num_halvings = int(math.log2(shorter_side / 4))
    num_poolings = min(num_halvings, len(_FILTERS) - 1)

    images = keras.Input(input_shape, name="image", dtype="float32")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="scale")(images)
    for block, filters in enumerate(_FILTERS):
        x = keras.layers.Conv2D(
            max(1, round(filters * settings.alpha)),
            kernel_size=3,
            strides=2 if block == 0 and num_halvings > num_poolings else 1,
            padding="same",
            use_bias=False,
            kernel_initializer=keras.initializers.HeNormal(layer_seed(seed, f"block_{block}_conv")),
            name=f"block_{block}_conv",
        )(x)
        # At Keras's momentum of 0.99 the moving averages need several hundred steps to settle; a small
        # data set ends its first epochs, and its validation, long before.
        x = keras.layers.BatchNormalization(momentum=0.9, name=f"block_{block}_norm")(x)
        x = keras.layers.ReLU(name=f"block_{block}_relu")(x)
        if block < num_poolings:
            x = keras.layers.MaxPooling2D(name=f"block_{block}_pool")(x)
    return keras.Model(images, x, name="small_cnn")
