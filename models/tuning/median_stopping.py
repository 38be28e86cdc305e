"""Ends a trial whose figures fall behind those of the trials before it."""

import json
import os
from statistics import median

import keras
from tfx.dsl.io import fileio

_LEAST_EPOCHS = 4
_LEAST_TRIALS = 4


class MedianStopping(keras.callbacks.Callback):
    """Stops training after an epoch where the best figure so far is worse than the median of other trials'.

    What is compared is the best figure up to the same epoch. The first epochs, and the first trials, are
    never stopped. A trial leaves its figures behind in a file of its own.

    Reference: Golovin et al., "Google Vizier: A Service for Black-Box Optimization", 2017,
    https://doi.org/10.1145/3097983.3098043

    Args:
        objective: Figure of the eval split that ranks the trials; smaller is better where it ends with "loss".
        folder: Where the figures of the trials are kept.
        name: Of this trial; one that was killed and is run again has the same.
    """

    def __init__(self, objective: str, folder: str, name: str):
        super().__init__()
        self._objective = objective
        self._folder = folder
        self._file = os.path.join(folder, f"{name}.json")
        self._sign = -1 if objective.endswith("loss") else 1
        self._bests: list[float] = []
        self._others: list[list[float]] = []

    def on_train_begin(self, logs=None):
        if not self._bests:
            self._others = self._read()

    def on_epoch_end(self, epoch, logs=None):
        figure = self._sign * float((logs or {}).get(self._objective, float("nan")))
        self._bests.append(max(self._bests[-1], figure) if self._bests else figure)
        reached = [bests[epoch] for bests in self._others if len(bests) > epoch]
        if epoch + 1 >= _LEAST_EPOCHS and len(reached) >= _LEAST_TRIALS:
            self.model.stop_training = self.model.stop_training or self._bests[-1] < median(reached)

    def on_train_end(self, logs=None):
        fileio.makedirs(self._folder)
        with fileio.open(self._file, "w") as handle:
            handle.write(json.dumps(self._bests))

    def _read(self) -> list[list[float]]:
        bests = []
        for path in set(fileio.glob(os.path.join(self._folder, "*.json"))) - {self._file}:
            with fileio.open(path) as handle:
                bests.append(json.loads(handle.read()))
        return bests
