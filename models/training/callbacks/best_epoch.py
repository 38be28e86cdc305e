"""Keeps the weights of the best epoch, and ends training when it lies far back."""

import math
from typing import Any

import keras


class BestEpoch(keras.callbacks.Callback):
    """Restores the weights of the best epoch at the end of training.

    Keras's EarlyStopping restores them only where it stops the training itself, and of two epochs that
    are equally good takes the first. With few records of a rare class many epochs are equally good by
    macro-F1; of those, the one with the lower loss on the eval split is kept.

    Attributes:
        epoch: The best epoch so far, counted from 1; 0 before the first.
        value: Its figure.
        weights: Its weights, as `get_weights` gives them.
    """

    def __init__(self, monitor: str, patience: int | None, patience_from: int = 0):
        """Initialises the callback.

        Args:
            monitor: Name of the figure; smaller is better where it ends with "loss", else larger.
            patience: Epochs without a better one after which training stops, or None for never.
            patience_from: Epoch, counted from 1, up to which training never stops. Re-weighting that is to
                set in later would otherwise never be seen.
        """
        super().__init__()
        self.monitor = monitor
        self.patience = patience
        self.patience_from = patience_from
        self.epoch = 0
        self.value = float("nan")
        self._key: tuple[float, ...] | None = None
        self.weights: list[Any] = []

    def on_epoch_end(self, epoch, logs=None):
        figures = logs or {}
        value = float(figures[self.monitor])
        merits = (-value if self.monitor.endswith("loss") else value, -float(figures.get("val_loss", 0.0)))
        # Nothing compares as better than NaN: a first epoch that diverged would stay the best.
        key = tuple(-math.inf if math.isnan(merit) else merit for merit in merits)
        if self._key is None or key > self._key:
            self._key, self.epoch, self.value = key, epoch + 1, value
            self.weights = self.model.get_weights()
        elif self.patience is not None and epoch + 1 - max(self.epoch, self.patience_from) >= self.patience:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self.epoch:
            self.model.set_weights(self.weights)
