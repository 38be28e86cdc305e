"""Decoding of images into pixels, the same in training, evaluation and serving."""

import tensorflow as tf

from models.preprocessing.exif import exif_orientation, upright
from models.preprocessing.image_pixels import within_limit


def decode_image(encoded: tf.Tensor, size: tuple[int, int], channels: int) -> tf.Tensor:
    """Decodes and resizes one image.

    Args:
        encoded: JPEG (turned as its Exif note says), PNG, GIF (its first frame is taken) or BMP, string
            `()`. An empty string stands for
            no image and gives black.
        size: Height and width wanted; the aspect ratio is not kept.
        channels: 1 for grey, 3 for red, green, blue.

    Returns:
        float32 `(height, width, channels)`, whole numbers in [0, 255].
    """

    def decode() -> tf.Tensor:
        # As many channels as the file has: BMP and grey images are not decoded to any other number.
        pixels = tf.io.decode_image(encoded, channels=0, expand_animations=False)
        pixels.set_shape((None, None, None))
        # Transparency is left out; grey is repeated.
        has_colour = tf.shape(pixels)[2] >= 3
        pixels = tf.cond(has_colour, lambda: pixels[:, :, :3], lambda: tf.repeat(pixels[:, :, :1], 3, axis=2))
        pixels = tf.ensure_shape(upright(pixels, exif_orientation(encoded)), (None, None, 3))
        resized = tf.image.resize(pixels, size, antialias=True)
        # Whole numbers, so that pixels kept as bytes between epochs are those that serving computes.
        whole = tf.round(tf.clip_by_value(resized, 0.0, 255.0))
        return tf.round(tf.image.rgb_to_grayscale(whole)) if channels == 1 else whole

    image = tf.cond(tf.equal(encoded, ""), lambda: tf.zeros((*size, channels)), decode)
    image.set_shape((*size, channels))
    return image


def decode_images(
    encoded: tf.Tensor, size: tuple[int, int], channels: int, max_pixels: int | None = None
) -> tf.Tensor:
    """Decodes a batch: string `(batch,)` to float32 `(batch, height, width, channels)`; see `decode_image`.

    Args:
        encoded: The images.
        size: Height and width wanted.
        channels: 1 for grey, 3 for red, green, blue.
        max_pixels: Refuses an image that declares more before it is decoded; None takes any, where that has been
            checked before.
    """
    return tf.map_fn(
        lambda one: decode_image(
            one if max_pixels is None else within_limit(one, max_pixels), size, channels
        ),
        encoded,
        fn_output_signature=tf.TensorSpec((*size, channels), tf.float32),
    )
