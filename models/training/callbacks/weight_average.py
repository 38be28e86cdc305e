"""Weights averaged over the steps of training, measured and kept in place of the last ones."""

from typing import Any

import keras
import tensorflow as tf


class WeightAverage(keras.callbacks.Callback):
    """Keeps an exponential moving average of the weights and lets evaluation see it.

    After step t, counted from 1, with d = min(decay, (1 + t) / (10 + t)),

        average = d * average + (1 - d) * weights

    so that the first averages are not those of the initial weights. From the start of an evaluation to
    the end of its epoch the model holds the average; training then goes on from the weights it had. The
    moving statistics of a batch normalisation are averaged as well. A callback that is to see the average
    at an epoch's end, or to keep it, must stand before this one in the list.

    Reference: Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992,
    https://doi.org/10.1137/0330046

    Args:
        decay: Float in (0, 1); 0.999 averages over about the last thousand steps.

    Raises:
        ValueError: `decay` is out of range.
    """

    def __init__(self, decay: float):
        super().__init__()
        if not 0 < decay < 1:
            raise ValueError(f"`decay` must be between 0 and 1. Received: decay={decay}")
        self._decay = decay
        self._averages: list[tf.Variable] = []
        self._kept: list[Any] | None = None
        self._step = 0

    def on_train_begin(self, logs=None):
        self._averages = [tf.Variable(value, trainable=False) for value in self._variables()]
        self._step = 0

    def on_train_batch_end(self, batch, logs=None):
        self._step += 1
        decay = min(self._decay, (1 + self._step) / (10 + self._step))
        for average, variable in zip(self._averages, self._variables(), strict=True):
            average.assign_sub((average - variable) * tf.cast(1 - decay, average.dtype))

    def on_test_begin(self, logs=None):
        if self._kept is None:
            self._kept = [variable.numpy() for variable in self._variables()]
            for variable, average in zip(self._variables(), self._averages, strict=True):
                variable.assign(average)

    def on_epoch_end(self, epoch, logs=None):
        if self._kept is not None:
            for variable, value in zip(self._variables(), self._kept, strict=True):
                variable.assign(value)
            self._kept = None

    def _variables(self) -> list[Any]:
        # What counts steps, or seeds a generator, has no average.
        return [variable for variable in self.model.weights if tf.as_dtype(variable.dtype).is_floating]
