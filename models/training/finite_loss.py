"""Stops training that has diverged, and says so."""

import math

import keras

from models.network.optimizers import current_learning_rate


class DivergedError(ValueError):
    """Reports that the loss is no longer a finite number."""


class FiniteLoss(keras.callbacks.Callback):
    """Raises at the first step whose loss is not a finite number.

    Without it training would go on to its last epoch with weights that are not numbers, and the best epoch
    would be the last before, or none at all.

    Raises:
        DivergedError: The loss of a step, or that on the eval split, is infinite or NaN.
    """

    def __init__(self) -> None:
        super().__init__()
        self._epoch = 0

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        self._check((logs or {}).get("loss"), f"step {batch + 1}")

    def on_epoch_end(self, epoch, logs=None):
        self._check((logs or {}).get("val_loss"), "the eval split")

    def _check(self, loss: float | None, place: str) -> None:
        if loss is not None and not math.isfinite(loss):
            rate = current_learning_rate(self.model.optimizer)
            raise DivergedError(
                f"The loss must be a finite number. Received: {float(loss)} in epoch {self._epoch + 1}, "
                f"{place}, at a learning rate of {rate:g}. Lower `training.optimizer.learning_rate`, give it "
                "a warm-up, or clip the gradients; look for numbers of extreme size in the data."
            )
