"""Projection of embeddings that a contrastive loss compares, for training alone."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from models.network.layers.layer_seed import layer_seed


@keras.saving.register_keras_serializable(package="counterpoise")
class Projection(keras.layers.Layer):
    """Puts a linear projection of the embedding after the logits in training, and answers with the logits otherwise.

    The contrastive loss works on a projection, and not on the embedding itself, which has to keep more than
    what tells two records apart. The loss scales it to length 1.

    Call arguments:
        inputs: Logits, float `(batch, num_classes)`, and embeddings, float `(batch, dim)`.
        training: Whether to put the projection after the logits.

    Returns:
        float32 `(batch, num_classes + units)` in training; the logits `(batch, num_classes)` otherwise.

    Reference: Khosla et al., "Supervised Contrastive Learning", 2020, https://arxiv.org/abs/2004.11362,
    section 3.1, whose projection has 128 units.

    Args:
        units: Length of the projection, at least 1.
        seed: Decides the initial weights.
        **kwargs: What `keras.layers.Layer` takes besides.
    """

    def __init__(self, units: int = 64, seed: int = 0, **kwargs: Any):
        # float32 under mixed precision too, as the logits.
        super().__init__(**{"dtype": "float32", **kwargs})
        self.units, self.seed = int(units), int(seed)

    def build(self, input_shape: Sequence[Sequence[int | None]]) -> None:
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[1][-1], self.units),
            initializer=keras.initializers.GlorotUniform(layer_seed(self.seed, "projection")),
        )
        super().build(input_shape)

    def call(self, inputs: Sequence[tf.Tensor], training: bool | None = None) -> tf.Tensor:
        logits, embeddings = inputs
        if not training:
            return tf.identity(logits)
        return tf.concat([logits, tf.matmul(embeddings, self.kernel)], axis=-1)

    def compute_output_shape(self, input_shape: Sequence[Sequence[int | None]]) -> tuple[int | None, ...]:
        return tuple(input_shape[0])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "seed": self.seed}


def with_projection(model: keras.Model, projection: Projection) -> keras.Model:
    """Puts a projection of the layer `embedding` on a classifier, whose layers and weights it shares."""
    embeddings = model.get_layer("embedding").output
    return keras.Model(model.input, projection([model.output, embeddings]), name=model.name)
