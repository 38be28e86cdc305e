"""Cutmix: a box of one image in another, labels in the shares of the pixels."""

import tensorflow as tf

from models.input.mixing import Mixing
from models.input.mixings.pairs import Mixed, Pairs


def cutmix(pairs: Pairs, mixing: Mixing) -> Mixed:
    """Pastes a box of each record's partner into its image; columns are blended by the shares of the pixels.

    The box has `1 - s` of the image's area, lies at a random place and is cut at the borders.

    Reference: Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features",
    2019, https://arxiv.org/abs/1905.04899

    Args:
        pairs: The records; without an image they are blended as by mixup.
        mixing: Nothing of it is read.
    """
    if "image" not in pairs.inputs:
        return Mixed(pairs.all_blended(), pairs.share)
    image, share = _with_boxes(pairs)
    columns = {name: pairs.blended(name, share) for name in pairs.inputs if name != "image"}
    return Mixed({**pairs.inputs, "image": image, **columns}, share)


def _with_boxes(pairs: Pairs) -> tuple[tf.Tensor, tf.Tensor]:
    """Pastes boxes; returns the images, and the share of pixels that are still the first image's."""
    images = pairs.inputs["image"]
    centres = tf.random.stateless_uniform((2, tf.shape(images)[0]), pairs.seed)
    inside = []
    for axis in range(2):
        side = tf.cast(tf.shape(images)[1 + axis], tf.float32)
        half = tf.sqrt(1 - pairs.share) * side / 2
        first, last = (tf.round(centres[axis] * side + sign * half)[:, tf.newaxis] for sign in (-1, 1))
        places = tf.range(side)
        inside.append((places >= first) & (places < last))
    box = inside[0][:, :, tf.newaxis] & inside[1][:, tf.newaxis, :]
    kept = 1 - tf.reduce_mean(tf.cast(box, tf.float32), axis=[1, 2])
    return tf.where(box[..., tf.newaxis], tf.gather(images, pairs.partner), images), kept
