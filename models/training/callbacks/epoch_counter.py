"""Tells the input pipeline which epoch of a stage it serves."""

import keras
import tensorflow as tf


class EpochCounter(keras.callbacks.Callback):
    """Sets a variable to the number of the epoch.

    It is set before Keras asks for the epoch's first batch: at the end of the epoch before, as batches are
    fetched ahead.

    Args:
        epoch: int64 scalar that the input pipeline reads.
        start: Number of the stage's first epoch.
    """

    def __init__(self, epoch: tf.Variable, start: int = 0):
        super().__init__()
        self._epoch = epoch
        self._start = start

    def on_train_begin(self, logs=None):
        self._epoch.assign(self._start)

    def on_epoch_end(self, epoch, logs=None):
        self._epoch.assign_add(1)
