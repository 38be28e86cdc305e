"""A bound on what one wild value in a table can do."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="counterpoise")
class SoftClip(keras.layers.Layer):
    """Draws outliers in with the inverse hyperbolic sine, `asinh(x) = log(x + sqrt(x**2 + 1))`.

    Close to the identity around 0 and logarithmic far out: a z-score of 1 becomes 0.88, one of 1,000
    becomes 7.6. Money and durations have z-scores in the hundreds; passed on as they are, one such
    record outweighs the rest of its batch in every gradient. A hard clip would bound them too, but
    would make all outliers alike, and in a rare class the outliers are often the signal.

    Call arguments:
        inputs: Float tensor of any shape, finite.

    Returns:
        Tensor of the same shape and dtype; order and sign are kept.
    """

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.asinh(inputs)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return input_shape
