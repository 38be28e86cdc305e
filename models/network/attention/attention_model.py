"""Reading out where a classifier looks."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="counterpoise")
class AttentionMap(keras.layers.Layer):
    """Answers with the attention map of another layer instead of its output.

    Call arguments:
        inputs: What the other layer takes, `(batch, height, width, channels)`.

    Returns:
        Float32 `(batch, height, width)`.

    Args:
        layer: A layer with a method `attention_map`; its weights are shared.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: The layer has no attention map.
    """

    def __init__(self, layer: keras.layers.Layer, **kwargs: Any):
        super().__init__(**kwargs)
        self.layer = keras.saving.deserialize_keras_object(layer) if isinstance(layer, dict) else layer
        if not hasattr(self.layer, "attention_map"):
            raise ValueError(f"`layer` must have a method `attention_map`. Received: layer={self.layer}")

    def build(self, input_shape: tuple) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.layer.attention_map(inputs)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return tuple(input_shape[:3])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layer": keras.saving.serialize_keras_object(self.layer)}


def attention_model(model: keras.Model) -> keras.Model:
    """Builds the model that tells where a classifier looks.

    The map is that of the layer named `attention`, else that of attention pooling; where branches pool for
    themselves, the mean of theirs.

    Args:
        model: A classifier made by build_classifier; its weights are shared.

    Returns:
        A model from images, float32 `(batch, height, width, channels)` in [0, 255], to maps, float32
        `(batch, map_height, map_width)`, at least 0.

    Raises:
        ValueError: The classifier has no attention.
    """
    layers = [layer for layer in model.layers if hasattr(layer, "attention_map")]
    named = [layer for layer in layers if layer.name == "attention"]
    maps = [AttentionMap(layer, name=f"{layer.name}_map")(layer.input) for layer in named or layers]
    if not maps:
        raise ValueError(
            f"The model {model.name!r} has no layer with an attention map. Set `model.attention` or "
            "`model.pooling: attention`, or use grad_cam, which needs neither."
        )
    joined = keras.layers.Average(name="attention_map")(maps) if len(maps) > 1 else maps[0]
    return keras.Model(model.input["image"], joined, name="attention_model")
