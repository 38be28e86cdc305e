"""Graph of a functional model's layers, the same for Keras 2 and Keras 3."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf


@dataclass(frozen=True)
class Call:
    """One call of a layer on symbolic tensors.

    Attributes:
        layer: The layer.
        arguments: Its positional and its named arguments, symbolic tensors among them.
        outputs: The symbolic tensors that came out.
    """

    layer: keras.layers.Layer
    arguments: tuple[Any, dict[str, Any]]
    outputs: list[Any]


def flat_layers(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """Yields the layers of a model that are no models themselves, those of models inside it included."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from flat_layers(layer)
        else:
            yield layer


def every_layer(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """Yields a model and all layers inside it, at every depth: models, and layers that layers hold, too."""
    # Keras has no public name for it: `layers` and `submodules` each leave out some, by its version.
    yield from model._flatten_layers()


def producing_call(tensor: Any) -> Call:
    """Returns the call that a symbolic tensor comes out of; an input comes out of one without arguments."""
    layer, node_index, _ = tensor._keras_history
    node = layer._inbound_nodes[node_index]
    if hasattr(node, "arguments"):
        # Keras 3 notes down whether it was training as it made the graph, and does not heed that itself.
        named = {name: value for name, value in node.arguments.kwargs.items() if name != "training"}
        arguments = (node.arguments.args, named)
    else:
        arguments = (node.call_args, node.call_kwargs)
    return Call(layer, arguments, tf.nest.flatten(node.output_tensors))


def producer(tensor: Any) -> keras.layers.Layer:
    """Returns the layer that a symbolic tensor comes out of."""
    return tensor._keras_history[0]


def sources(tensor: Any) -> list[Any]:
    """Returns the symbolic tensors that `producer(tensor)` made `tensor` of; none for an input."""
    return [value for value in tf.nest.flatten(producing_call(tensor).arguments) if is_symbolic(value)]


def is_symbolic(value: Any) -> bool:
    """Says whether a value is a tensor of a functional model, which stands for a value to come."""
    return hasattr(value, "_keras_history")


def ancestors(outputs: Any, known: Any = ()) -> list[Any]:
    """Returns every symbolic tensor that `outputs` are made of, themselves included, sources first.

    Args:
        outputs: Symbolic tensors, in any structure.
        known: Symbolic tensors to stop at; neither they nor what they alone are made of is returned.
    """
    done = {id(tensor) for tensor in tf.nest.flatten(known)}
    found, waiting = [], tf.nest.flatten(outputs)
    while waiting:
        missing = [source for source in sources(waiting[-1]) if id(source) not in done]
        if id(waiting[-1]) in done:
            waiting.pop()
        elif missing:
            waiting += missing
        else:
            done.add(id(waiting[-1]))
            found.append(waiting.pop())
    return found
