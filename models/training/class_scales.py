"""Learnable weight scaling: one number per class on top of a frozen classifier."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf


@keras.saving.register_keras_serializable(package="counterpoise")
class ClassScales(keras.layers.Layer):
    """Multiplies the logit of each class, without the classifier's bias, by a number that is learnt.

    For the logit z, the bias b and the scale s of a class, `s * (z - b)`. In a linear classifier that is
    its class vector made longer or shorter. The bias starts as the log prior of the training records: it
    has no place among records drawn of every class alike.

    Call arguments:
        logits: Float `(batch, num_classes)`.

    Reference: Kang et al., "Decoupling Representation and Classifier for Long-Tailed Recognition", 2020,
    https://arxiv.org/abs/1910.09217

    Args:
        bias: Bias of the frozen classifier, `(num_classes,)`; zeros where it has none.
        **kwargs: What `keras.layers.Layer` takes besides.
    """

    def __init__(self, bias: Sequence[float], **kwargs: Any):
        # float32 under mixed precision too, as the logits.
        super().__init__(**{"dtype": "float32", **kwargs})
        self.bias = [float(value) for value in bias]

    def build(self, input_shape: Sequence[int | None]) -> None:
        if input_shape[-1] != len(self.bias):
            raise ValueError(
                f"`bias` must hold one value per class. Received: {len(self.bias)} values for logits of "
                f"shape {tuple(input_shape)}"
            )
        self.scales = self.add_weight(name="scales", shape=(len(self.bias),), initializer="ones")
        super().build(input_shape)

    def call(self, logits: tf.Tensor) -> tf.Tensor:
        return self.scales * (logits - tf.constant(self.bias, logits.dtype))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "bias": self.bias}


def with_class_scales(model: keras.Model) -> keras.Model:
    """Puts `ClassScales` on a classifier, whose layers and weights it shares."""
    bias = getattr(model.get_layer("logits"), "bias", None)
    values = np.zeros(model.output_shape[-1]) if bias is None else bias.numpy()
    return keras.Model(
        model.input, ClassScales(values.tolist(), name="class_scales")(model.output), name=model.name
    )
