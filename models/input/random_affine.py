"""Random turns, zooms and shears of images, anew in every epoch and further for rarer classes."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from models.input.crop_flip import rarity

# The furthest, at strength 1.
TURN = np.pi / 6
ZOOM = 1.4
SHEAR = 0.2


def turn_zoom(
    images: tf.Tensor,
    labels: tf.Tensor,
    class_counts: Sequence[int],
    seed: tf.Tensor,
    strength: float | None = None,
) -> tf.Tensor:
    """Turns, zooms and shears each image about its centre.

    With s the strength: the angle is uniform in [-30 s, 30 s] degrees; the factor of size, the same in both
    directions, log-uniform in [1.4^-s, 1.4^s]; the shear, by which a row moves sideways for each row from the
    centre, uniform in [-0.2 s, 0.2 s]. Pixels are interpolated bilinearly, and what lies outside the image is its
    reflection.

    Args:
        images: `(batch, height, width, channels)`, uint8 or float32.
        labels: Class indices, int64 `(batch,)`.
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.
        seed: int64 `(2,)`, decides all.
        strength: The same for all classes, in (0, 1]; None takes a half for the commonest class and 1 for the
            rarest, in between by the logarithm of the counts.

    Returns:
        The images, of the same shape and dtype.
    """
    if strength is None:
        strengths = tf.gather(0.5 + 0.5 * rarity(class_counts), labels)
    else:
        strengths = tf.fill(tf.shape(labels), tf.constant(strength, tf.float32))
    height, width = tf.unstack(tf.cast(tf.shape(images)[1:3], tf.float32))
    uniform = tf.random.stateless_uniform((3, tf.shape(labels)[0]), seed, -1.0, 1.0) * strengths
    transforms = projections(TURN * uniform[0], ZOOM ** uniform[1], SHEAR * uniform[2], height, width)
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=transforms,
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="REFLECT",
    )
    return tf.ensure_shape(moved, images.shape)


def projections(
    angle: tf.Tensor, factor: tf.Tensor, shear: tf.Tensor, height: tf.Tensor, width: tf.Tensor
) -> tf.Tensor:
    """Says where each pixel of the new image is taken from, as ImageProjectiveTransformV3 wants it.

    Seen from the centre c, the new image's place p shows the old one's `A p`, with

        A = 1 / factor * [[cos, -sin], [sin, cos]] [[1, shear], [0, 1]]    on (x, y), y downwards

    Args:
        angle: Radians, float32 `(batch,)`; above 0 the image turns counterclockwise.
        factor: Above 1 the image is enlarged, float32 `(batch,)`.
        shear: float32 `(batch,)`.
        height: Of the images, float32 `()`.
        width: Of the images, float32 `()`.

    Returns:
        float32 `(batch, 8)`: `a0, a1, a2, b0, b1, b2, 0, 0`, so that the new (x, y) shows the old
        (a0 x + a1 y + a2, b0 x + b1 y + b2).
    """
    cosine, sine = tf.cos(angle) / factor, tf.sin(angle) / factor
    a0, a1 = cosine, cosine * shear - sine
    b0, b1 = sine, sine * shear + cosine
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    a2 = centre_x - a0 * centre_x - a1 * centre_y
    b2 = centre_y - b0 * centre_x - b1 * centre_y
    none = tf.zeros_like(angle)
    return tf.stack([a0, a1, a2, b0, b1, b2, none, none], axis=1)
