"""Last block of a backbone: its layers from the last change of resolution on."""

import math
from typing import Any

import keras

from models.network.backbones.layer_graph import producer, sources


def last_block(backbone: keras.Model) -> list[keras.layers.Layer]:
    """Finds the layers from the last change of resolution to the end.

    A stage of a convolutional network is what works at one resolution; it starts with the layer that
    halves the map. The rule reads the graph and not names, so it holds for any backbone: MobileNetV2's
    `block_13_depthwise` to `Conv_1`, ResNet50's `conv5_block1` to `conv5_block3`, DenseNet121's
    `conv5_block1` to `bn`. Where nothing after the last halving has weights (VGG ends in a pooling), it is
    the stage before.

    Args:
        backbone: A functional model from images to a feature map, or one that wraps such a model.

    Returns:
        Layers of the backbone, or of the model it wraps, some of them with weights. A path that leaves the
        map for its mean and comes back (squeeze and excitation) belongs to the stage it is in.
    """
    graph = _innermost(backbone)
    limit = _area(graph.outputs[0])
    while True:
        block, larger = _back_to(graph.outputs[0], limit)
        if not larger or any(getattr(layer, "weights", None) for layer in block):
            return [layer for layer in graph.layers if layer in block]
        limit = max(map(_area, larger))


def _innermost(model: keras.Model) -> keras.Model:
    """Returns the model that makes the feature map."""
    last = producer(model.outputs[0])
    is_graph = isinstance(last, keras.Model) and not isinstance(last, keras.Sequential)
    return _innermost(last) if is_graph else model


def _back_to(output: Any, limit: int) -> tuple[list[Any], list[Any]]:
    """Walks back from `output`; returns the layers met, and the larger tensors it turned back at."""
    layers: list[Any] = []
    larger: list[Any] = []
    seen, waiting = set(), [output]
    while waiting:
        tensor = waiting.pop()
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        layers.append(producer(tensor))
        for source in map(_before_padding, sources(tensor)):
            (larger if _area(source) > limit else waiting).append(source)
    return layers, larger


def _before_padding(tensor: Any) -> Any:
    # A border of zeros before a convolution that takes it away again is no change of resolution.
    while isinstance(producer(tensor), keras.layers.ZeroPadding2D):
        (tensor,) = sources(tensor)
    return tensor


def _area(tensor: Any) -> int:
    return math.prod(tensor.shape[1:3]) if len(tensor.shape) == 4 else 1
