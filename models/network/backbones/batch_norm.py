"""Batch normalisation that keeps the statistics it was pretrained with."""

import keras

from models.network.backbones.layer_graph import flat_layers

_MARK = "batch_norm_stays_frozen"


def keep_batch_norm_frozen(backbone: keras.Model) -> None:
    """Freezes the batch normalisation of a backbone for good.

    A frozen BatchNormalization layer runs in inference mode: it normalises with its moving statistics,
    which do not change. Batches of a small, imbalanced data set would replace statistics of a million
    images by noisy ones. See `set_trainable`, which leaves these layers frozen in every phase.
    """
    setattr(backbone, _MARK, True)
    freeze_batch_norm(backbone)


def batch_norm_stays_frozen(backbone: keras.Model) -> bool:
    """Says whether `keep_batch_norm_frozen` was called on this backbone."""
    return getattr(backbone, _MARK, False)


def freeze_batch_norm(backbone: keras.Model) -> None:
    """Sets every BatchNormalization layer inside a backbone to `trainable=False`."""
    for layer in flat_layers(backbone):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
