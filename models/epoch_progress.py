"""Says how far training is."""

import time

import keras

from models.progress_events import report_progress

_SECONDS_BETWEEN_STEPS = 0.2


class EpochProgress(keras.callbacks.Callback):
    """Reports every epoch and, a few times a second, the step inside it."""

    def __init__(self, epochs: int, steps: int):
        super().__init__()
        self._epochs = epochs
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
        self._report(self._steps, {name: float(value) for name, value in (logs or {}).items()})

    def _report(self, step: int, figures: dict[str, float]) -> None:
        report_progress(
            kind="epoch",
            epoch=self._epoch,
            epochs=self._epochs,
            step=step,
            steps=self._steps,
            figures=figures,
        )
