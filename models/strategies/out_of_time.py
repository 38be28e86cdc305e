"""Ends a training for which there is no time left."""

import time

import keras


class OutOfTimeError(RuntimeError):
    """Reports that a training was stopped for lack of time."""


class OutOfTime(keras.callbacks.Callback):
    """Stops a training, by OutOfTimeError, after the epoch in which its time is over.

    Args:
        end: By the clock of `time.time`.
    """

    def __init__(self, end: float):
        super().__init__()
        self._end = end

    def on_epoch_end(self, epoch, logs=None):
        if time.time() > self._end:
            raise OutOfTimeError(f"stopped after epoch {epoch + 1}, as its time was over")


def is_out_of_time(message: str | None) -> bool:
    """Tells whether a trial failed, by what is kept of its error, for lack of time."""
    return OutOfTimeError.__name__ in (message or "")
