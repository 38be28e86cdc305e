"""Statistics of batch normalisation measured over the training records, in place of moving averages."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import keras
import numpy as np
import tensorflow as tf

from models.network.backbones.layer_graph import flat_layers

_MOST_RECORDS = 10_000


def measure_batch_norm(model: keras.Model, batches: tf.data.Dataset, batch_size: int) -> int:
    """Sets the mean and variance of batch normalisation to those of records, with the weights as they are.

    While a network is trained, moving averages follow the weights at a distance, and see images that are mirrored,
    shifted and blended: the network is then asked about others than its statistics are of. Here the training records
    pass by once more, as they are, some ten thousand of them at most. Of the batches' means m_i and variances v_i, with
    shares w_i of the records,

        mean = sum w_i m_i,    variance = sum w_i (v_i + m_i^2) - mean^2

    Layers are normalised by the batch's own figures meanwhile, as in training. Those that are frozen keep theirs.

    Reference: Wu and Johnson, "Rethinking 'Batch' in BatchNorm", 2021, https://arxiv.org/abs/2105.07576, sections 3
    and 5.

    Args:
        model: The network, compiled or not.
        batches: Batches of `(inputs, anything)`, in random order: batches of one class each would say little.
        batch_size: Records in a batch; the last may be smaller.

    Returns:
        Number of layers measured; 0 where no batch normalisation is trained.
    """
    layers = [layer for layer in flat_layers(model) if _learns_statistics(layer)]
    if not layers:
        return 0
    total = 0
    means = [np.zeros(layer.moving_mean.shape) for layer in layers]
    squares = [np.zeros(layer.moving_mean.shape) for layer in layers]
    with _statistics_of_the_last_batch(layers):
        see = tf.function(lambda inputs: model(inputs, training=True))
        for inputs, _ in itertools.islice(batches, -(-_MOST_RECORDS // batch_size)):
            see(inputs)
            records = len(next(iter(inputs.values())))
            total += records
            for place, layer in enumerate(layers):
                mean, variance = (
                    np.asarray(v, np.float64) for v in (layer.moving_mean, layer.moving_variance)
                )
                means[place] += records * mean
                squares[place] += records * (variance + mean**2)
    for layer, sum_of_means, sum_of_squares in zip(layers, means, squares, strict=True):
        mean = sum_of_means / total
        layer.moving_mean.assign(mean)
        layer.moving_variance.assign(sum_of_squares / total - mean**2)
    return len(layers)


def _learns_statistics(layer: keras.layers.Layer) -> bool:
    return isinstance(layer, keras.layers.BatchNormalization) and layer.trainable


@contextmanager
def _statistics_of_the_last_batch(layers: Sequence[keras.layers.Layer]) -> Iterator[None]:
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.momentum = 0.0
    try:
        yield
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
