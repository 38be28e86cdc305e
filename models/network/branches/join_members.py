"""One answer out of several members'."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="counterpoise")
class JoinMembers(keras.layers.Layer):
    """Passes all members' logits on in training, and answers with their mean otherwise.

    Training needs each member's logits, for each is trained on its own; whoever asks for a prediction
    gets one.

    Call arguments:
        inputs: Logits, float `(batch, members, classes)`.
        training: Whether to pass all members on.

    Returns:
        In training the inputs; otherwise logits `(batch, classes)`: the mean of the logits, or the log of
        the mean of the probabilities.

    Example: members say `[0, 0]` and `[0, log 3]`. The mean of the logits is `[0, 0.549]`, a probability of
    0.634; the mean of the probabilities 1/2 and 3/4 is 0.625.

    Args:
        average: `logits` or `probabilities`.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: `average` is neither.
    """

    def __init__(self, average: str = "logits", **kwargs: Any):
        super().__init__(**kwargs)
        if average not in ("logits", "probabilities"):
            raise ValueError(f"`average` must be logits or probabilities. Received: average={average!r}")
        self.average = average

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        if training:
            return inputs
        if self.average == "logits":
            return tf.reduce_mean(inputs, axis=1)
        # The log of a sum of exponentials keeps the digits that small probabilities would lose.
        log_probabilities = tf.nn.log_softmax(inputs)
        members = tf.cast(tf.shape(inputs)[1], inputs.dtype)
        return tf.reduce_logsumexp(log_probabilities, axis=1) - tf.math.log(members)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (input_shape[0], input_shape[2])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "average": self.average}


def join(logits: list[Any], num_classes: int) -> Any:
    """Joins the symbolic logits of several heads, each `(batch, num_classes)`, by the mean of the logits."""
    rows = [keras.layers.Reshape((1, num_classes))(each) for each in logits]
    return JoinMembers("logits", dtype="float32", name="members")(
        keras.layers.Concatenate(axis=1, dtype="float32", name="all_members")(rows)
    )
