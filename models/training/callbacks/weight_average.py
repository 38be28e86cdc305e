"""Weights averaged over the steps of training, measured and kept in place of the last ones."""

import tensorflow as tf

from models.training.callbacks.evaluated_average import EvaluatedAverage


class WeightAverage(EvaluatedAverage):
    """Keeps an exponential moving average of the weights and lets evaluation see it.

    After step t, counted from 1, with d = min(decay, (1 + t) / (10 + t)),

        average = d * average + (1 - d) * weights

    so that the first averages are not those of the initial weights. The moving statistics of a batch
    normalisation are averaged as well. The model holds the average where `EvaluatedAverage` says.

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
        self._step = 0

    def on_train_begin(self, logs=None):
        self._averages = [tf.Variable(value, trainable=False) for value in self._variables()]
        self._step = 0

    def on_train_batch_end(self, batch, logs=None):
        self._step += 1
        decay = min(self._decay, (1 + self._step) / (10 + self._step))
        for average, variable in zip(self._averages, self._variables(), strict=True):
            average.assign_sub((average - variable) * tf.cast(1 - decay, average.dtype))

    def assign_average(self) -> None:
        for variable, average in zip(self._variables(), self._averages, strict=True):
            variable.assign(average)
