"""An image seen twice when the model is asked: as it is, and in the mirror."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="counterpoise")
class WithMirrorImages(keras.layers.Layer):
    """Puts the mirror images behind the images outside of training; `MirrorMean` joins what comes of them.

    Call arguments:
        inputs: Images, `(batch, height, width, channels)`.
        training: Whether the images are left as they are: augmentation mirrors them then.

    Returns:
        `(2 * batch, height, width, channels)`, the images first and then, in the same order, each with left and right
        exchanged; in training `inputs`.
    """

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        return inputs if training else tf.concat([inputs, inputs[:, :, ::-1]], axis=0)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        batch = input_shape[0]
        return (None if batch is None else 2 * batch, *input_shape[1:])


@keras.saving.register_keras_serializable(package="counterpoise")
class MirrorMean(keras.layers.Layer):
    """Averages the feature maps of images and mirror images, these turned back so that places meet.

    A network that has seen every image both ways around still answers a little differently to the two; what the mean
    says of an image it says, mirrored, of the mirror image. The mean is of maps, before attention and pooling, so that
    what is read out of them is of both.

    Reference: Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", 2012,
    section 4.1; He et al., "Deep Residual Learning", 2016, https://arxiv.org/abs/1512.03385, section 3.4.

    Call arguments:
        inputs: Feature maps of what `WithMirrorImages` makes, float `(2 * batch, height, width, channels)`.
        training: Whether there are no mirror images among them.

    Returns:
        float `(batch, height, width, channels)`; in training `inputs`.
    """

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        if training:
            return inputs
        as_seen, mirrored = tf.split(inputs, 2, axis=0)
        return (as_seen + mirrored[:, :, ::-1]) / 2

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        batch = input_shape[0]
        return (None if batch is None else batch // 2, *input_shape[1:])
