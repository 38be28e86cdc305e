"""Says how far training is."""

import time

import keras

from core.progress_events import report_progress
from models.training.callbacks.epoch_log import measured

_SECONDS_BETWEEN_STEPS = 0.2


class EpochProgress(keras.callbacks.Callback):
    """Reports every epoch and, a few times a second, the step inside it.

    Attributes:
        epochs: Most epochs of all stages together; fewer once a stage has ended early.
    """

    def __init__(self, epochs: int, steps: int):
        super().__init__()
        self.epochs = epochs
        self._steps = steps
        self._epoch = 0
        self._reported = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        if time.monotonic() - self._reported >= _SECONDS_BETWEEN_STEPS:
            self._reported = time.monotonic()
            self._report(batch + 1, {})

    def on_epoch_end(self, epoch, logs=None):
        self._report(self._steps, measured(logs or {}))

    def _report(self, step: int, figures: dict[str, float]) -> None:
        report_progress(
            kind="epoch",
            epoch=self._epoch,
            epochs=self.epochs,
            step=step,
            steps=self._steps,
            figures=figures,
        )
