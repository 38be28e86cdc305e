"""Residual network for small images that long-tailed CIFAR is measured with."""

import keras

from models.network.layers.layer_seed import layer_seed
from models.settings import ImageModelSettings

_FILTERS = (16, 32, 64)
_BLOCKS_PER_STAGE = 5


def resnet32(settings: ImageModelSettings, input_shape: tuple[int, int, int], seed: int = 0) -> keras.Model:
    """Builds ResNet-32, for images of about 32 x 32 pixels, trained from scratch.

    A 3 x 3 convolution and three stages of five residual blocks of two 3 x 3 convolutions, with 16, 32 and
    64 filters; the second and third stage start by halving the map. 0.46 million parameters. Shortcuts
    have no weights (option A): where a stage halves the map they take every other pixel and fill up with
    channels of zeros. Weights are drawn after He. Pixels are scaled to [-1, 1].

    Reference:
        He et al., Deep Residual Learning for Image Recognition, 2016, section 4.2,
        https://arxiv.org/abs/1512.03385. Cao et al., Learning Imbalanced Datasets with Label-Distribution-
        Aware Margin Loss, 2019, https://arxiv.org/abs/1906.07413, train it on long-tailed CIFAR.

    Args:
        settings: Not read: the network comes in one width.
        input_shape: `(height, width, channels)`, height and width at least 8.
        seed: Decides the initial weights.

    Returns:
        A model from float32 images in [0, 255], `(batch, height, width, channels)`, to a feature map,
        float `(batch, ceil(height / 4), ceil(width / 4), 64)`, at least 0.

    Raises:
        ValueError: A side is shorter than 8 pixels.
    """
    del settings
    if min(input_shape[:2]) < 8:
        raise ValueError(
            f"resnet32 needs images of at least 8 x 8 pixels. Received: input_shape={input_shape}. "
            "Raise `model.image.size`."
        )
    images = keras.Input(input_shape, name="image", dtype="float32")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="scale")(images)
    x = keras.layers.ReLU(name="stem_relu")(_convolution(x, _FILTERS[0], 1, "stem", seed))
    for stage, filters in enumerate(_FILTERS):
        for block in range(_BLOCKS_PER_STAGE):
            halves = stage > 0 and block == 0
            x = _residual_block(x, filters, halves, f"stage_{stage}_block_{block}", seed)
    return keras.Model(images, x, name="resnet32")


def _residual_block(x, filters: int, halves: bool, name: str, seed: int):
    residual = _convolution(x, filters, 2 if halves else 1, f"{name}_first", seed)
    residual = keras.layers.ReLU(name=f"{name}_first_relu")(residual)
    residual = _convolution(residual, filters, 1, f"{name}_second", seed)
    shortcut = _halved(x, name) if halves else x
    x = keras.layers.Add(name=f"{name}_add")([shortcut, residual])
    return keras.layers.ReLU(name=f"{name}_relu")(x)


def _halved(x, name: str):
    every_other = keras.layers.MaxPooling2D(pool_size=1, strides=2, name=f"{name}_shortcut")(x)
    # Zeros made by a layer that Keras has: nothing of our own to register and to carry along.
    zeros = keras.layers.Rescaling(0.0, name=f"{name}_zeros")(every_other)
    return keras.layers.Concatenate(name=f"{name}_fill")([every_other, zeros])


def _convolution(x, filters: int, strides: int, name: str, seed: int):
    # TensorFlow's "same" padding would centre a strided kernel one pixel off those the shortcut takes.
    x = keras.layers.ZeroPadding2D(1, name=f"{name}_pad")(x)
    x = keras.layers.Conv2D(
        filters,
        kernel_size=3,
        strides=strides,
        use_bias=False,
        kernel_initializer=keras.initializers.HeNormal(layer_seed(seed, f"{name}_conv")),
        name=f"{name}_conv",
    )(x)
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
