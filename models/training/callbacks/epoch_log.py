"""Log of every epoch's figures, over all stages."""

import math
import time
from collections.abc import Mapping
from typing import Any

import keras

from models.training.optimizers.factory import current_learning_rate

# By name: numbers, and the stage's name.
EpochFigures = dict[str, float | int | str]


class EpochLog(keras.callbacks.Callback):
    """Gathers the figures of every epoch.

    Attributes:
        epochs: One dict for each epoch so far: `epoch`, from 1, `stage`, its figures, `learning_rate` at
            its end, and `seconds`.
        stage: Name of the stage that trains.
    """

    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[EpochFigures] = []
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


def measured(logs: Mapping[str, Any]) -> dict[str, float]:
    """Returns Keras's figures as floats, without NaN: some metrics are for evaluation alone."""
    figures = {name: float(value) for name, value in logs.items()}
    return {name: value for name, value in figures.items() if not math.isnan(value)}
