"""Scaling of pixels that a pretrained backbone was made for."""

from typing import Any

import keras
import tensorflow as tf

MODES = ("none", "tf", "torch", "caffe")

# Of the ImageNet training images: red, green, blue in [0, 1].
_MEAN = (0.485, 0.456, 0.406)
_STANDARD_DEVIATION = (0.229, 0.224, 0.225)
# Blue, green, red in [0, 255], as the Caffe networks took them.
_CAFFE_MEAN = (103.939, 116.779, 123.68)


@keras.saving.register_keras_serializable(package="counterpoise")
class InputScaling(keras.layers.Layer):
    """Turns images in [0, 255] into what a family of backbones takes; grey becomes three equal channels.

    By `mode`, with a pixel p:
     - `none`: p, for networks that scale themselves.
     - `tf`: p / 127.5 - 1, in [-1, 1].
     - `torch`: (p / 255 - mean) / standard deviation, both of ImageNet by channel.
     - `caffe`: p - mean of ImageNet by channel, with the channels in the order blue, green, red.

    Args:
        mode: `none`, `tf`, `torch` or `caffe`.
        **kwargs: As for any layer.

    Call arguments:
        images: Float in [0, 255], `(batch, height, width, channels)` with 1 or 3 channels; red, green, blue.

    Returns:
        Float `(batch, height, width, 3)`.

    Raises:
        ValueError: The mode is unknown.
    """

    def __init__(self, mode: str, **kwargs: Any):
        super().__init__(**kwargs)
        if mode not in MODES:
            raise ValueError(f"`mode` must be one of {', '.join(MODES)}. Received: mode={mode!r}")
        self.mode = mode

    def call(self, images: tf.Tensor) -> tf.Tensor:
        if images.shape[-1] == 1:
            images = tf.repeat(images, 3, axis=-1)
        if self.mode == "tf":
            return images / 127.5 - 1.0
        if self.mode == "torch":
            mean, deviation = (tf.constant(values, images.dtype) for values in (_MEAN, _STANDARD_DEVIATION))
            return (images / 255.0 - mean) / deviation
        if self.mode == "caffe":
            return images[..., ::-1] - tf.constant(_CAFFE_MEAN, images.dtype)
        return images

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], 3)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mode": self.mode}
