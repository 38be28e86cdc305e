"""Random shifts and mirroring of images, further for rarer classes."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from models.input.mixing import Mixing

_SHIFT = 1 / 8  # 4 of 32 pixels, as is usual for CIFAR.


def rarity(class_counts: Sequence[int]) -> np.ndarray:
    """Places every class between the commonest, 0, and the rarest, 1, on a logarithmic scale of counts.

    Args:
        class_counts: Numbers of records, `(num_classes,)`, each above 0.

    Returns:
        float32 `(num_classes,)` in [0, 1]; 0 for all where all counts are alike.

    Example: counts `[100, 10, 1]` give `[0, .5, 1]`.
    """
    logs = np.log(np.asarray(class_counts, np.float64))
    span = logs.max() - logs.min()
    return ((logs.max() - logs) / span if span else np.zeros_like(logs)).astype(np.float32)


def crop_flip(
    images: tf.Tensor, labels: tf.Tensor, mixing: Mixing, class_counts: Sequence[int], seed: tf.Tensor
) -> tf.Tensor:
    """Shifts each image at random, and mirrors half of them.

    A shift is padding by reflection and a crop of the old size. Both directions are uniform in whole
    pixels up to an eighth of the side for the commonest class and a quarter for the rarest.

    Args:
        images: `(batch, height, width, channels)`.
        labels: Class indices, int64 `(batch,)`.
        mixing: `crop` shifts, `flip` mirrors left and right.
        class_counts: Numbers of training records, `(num_classes,)`.
        seed: int64 `(2,)`, decides all.

    Returns:
        The images, of the same shape and dtype.

    Reference: He et al., "Deep Residual Learning", 2016, https://arxiv.org/abs/1512.03385, section 4.2.
    """
    batch, height, width = tf.unstack(tf.shape(images)[:3])
    uniform = tf.random.stateless_uniform((3, batch), seed)
    reach = tf.gather(1.0 + rarity(class_counts), labels)

    def shifted(side: tf.Tensor, draw: tf.Tensor) -> tf.Tensor:
        furthest = (
            tf.round(tf.cast(side, tf.float32) * _SHIFT * reach) if mixing.crop else tf.zeros_like(reach)
        )
        shift = tf.cast(tf.floor(draw * (2 * furthest + 1)) - furthest, tf.int32)
        place = tf.abs(tf.range(side) + shift[:, tf.newaxis])
        return (side - 1) - tf.abs((side - 1) - place)

    rows, columns = shifted(height, uniform[0]), shifted(width, uniform[1])
    if mixing.flip:
        mirrored = uniform[2][:, tf.newaxis] < 0.5
        columns = tf.where(mirrored, width - 1 - columns, columns)
    moved = tf.gather(tf.gather(images, rows, axis=1, batch_dims=1), columns, axis=2, batch_dims=1)
    return tf.ensure_shape(moved, images.shape)
