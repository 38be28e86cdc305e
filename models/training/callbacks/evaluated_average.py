"""Callback that has the model hold an average of its weights while it is evaluated."""

from typing import Any

import keras
import tensorflow as tf


class EvaluatedAverage(keras.callbacks.Callback):
    """Puts an average in the place of the weights from the start of an evaluation to the end of its epoch.

    Training then goes on from the weights it had. A callback that is to see the average at an epoch's end, or to keep
    it, must stand before this one in the list.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[Any] | None = None

    def has_average(self) -> bool:
        """Tells whether there is an average yet; without one nothing is touched."""
        return True

    def assign_average(self) -> None:
        """Gives the model the average; weights that have none it leaves as they are."""
        raise NotImplementedError

    def on_test_begin(self, logs=None):
        if self._kept is None and self.has_average():
            self._kept = [variable.numpy() for variable in self._variables()]
            self.assign_average()

    def on_epoch_end(self, epoch, logs=None):
        if self._kept is not None:
            for variable, value in zip(self._variables(), self._kept, strict=True):
                variable.assign(value)
            self._kept = None

    def _variables(self) -> list[Any]:
        # What counts steps, or seeds a generator, has no average.
        return [variable for variable in self.model.weights if tf.as_dtype(variable.dtype).is_floating]
