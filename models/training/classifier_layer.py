"""Classifier layer on its own: trained, begun anew, or its parts read."""

import keras
import numpy as np


def train_only(model: keras.Model, layer_name: str) -> None:
    """Freezes every layer but one.

    A frozen batch normalisation uses, and keeps, the statistics it has.
    """
    for layer in model.layers:
        layer.trainable = layer.name == layer_name


def reset_classifier(model: keras.Model) -> None:
    """Gives the layer `logits` its initial weights again, with a bias of 0.

    The bias starts as the log prior of the training records; a classifier that is begun anew learns from
    records drawn of every class alike.
    """
    layer = model.get_layer("logits")
    fresh = type(layer).from_config(layer.get_config())
    fresh.build(model.get_layer("logits").input.shape)
    layer.set_weights(fresh.get_weights())
    if getattr(layer, "bias", None) is not None:
        layer.bias.assign(np.zeros(layer.bias.shape))


def embedding_model(model: keras.Model) -> keras.Model:
    """Returns the network up to what the layer `logits` reads."""
    return keras.Model(model.input, model.get_layer("logits").input)


def num_trained(model: keras.Model) -> int:
    """Counts the numbers that training changes."""
    return int(sum(np.prod(weight.shape, dtype=np.int64) for weight in model.trainable_weights))
