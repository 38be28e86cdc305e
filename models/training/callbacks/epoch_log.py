"""The figures of every epoch, over all stages."""

import time
from typing import Any

import keras

from models.training.measured import measured
from models.training.optimizers.factory import current_learning_rate


class EpochLog(keras.callbacks.Callback):
    """Gathers the figures of every epoch.

    Attributes:
        epochs: One dict for each epoch so far: `epoch`, from 1, `stage`, its figures, `learning_rate` at
            its end, and `seconds`.
        stage: Name of the stage that trains.
    """

    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[dict[str, Any]] = []
        self.stage = ""
        self._start = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self._start = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(
            {
                "epoch": epoch + 1,
                "stage": self.stage,
                **measured(logs or {}),
                "learning_rate": current_learning_rate(self.model.optimizer),
                "seconds": round(time.monotonic() - self._start, 3),
            }
        )
