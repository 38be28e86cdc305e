"""Finished folds on disk, so that a training that was killed goes on at the next."""

import dataclasses
import json
import os
import shutil
from typing import Any

import keras
import numpy as np

from models.serving.saved_network import load_network
from models.training.job import StageOutcome, Trained

_NETWORK, _OUTCOME = "network.keras", "outcome.json"
_UNFINISHED = ".unfinished"


class KeptFolds:
    """The finished folds of one training, in a folder of its own."""

    def __init__(self, folder: str):
        """Initialises the folds.

        Args:
            folder: On a local file system; it is made where there is none. Its name is to differ with all that the
                training depends on.
        """
        self._folder = folder
        os.makedirs(folder, exist_ok=True)

    def add(self, fold: int, trained: Trained) -> None:
        """Writes a fold, which is there as a whole or not at all, whenever the process is killed."""
        unfinished = self._path(fold) + _UNFINISHED
        shutil.rmtree(unfinished, ignore_errors=True)
        os.makedirs(unfinished)
        trained.model.save(os.path.join(unfinished, _NETWORK))
        with open(os.path.join(unfinished, _OUTCOME), "w") as handle:
            json.dump(_as_json(trained), handle)
        os.replace(unfinished, self._path(fold))

    def has(self, fold: int) -> bool:
        """Tells whether a fold is finished."""
        return os.path.isdir(self._path(fold))

    def read(self, fold: int) -> Trained:
        """Reads a finished fold."""
        with open(os.path.join(self._path(fold), _OUTCOME)) as handle:
            return _of_json(json.load(handle), load_network(os.path.join(self._path(fold), _NETWORK)))

    def remove(self) -> None:
        """Removes the folder, once all that it is for is done."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, fold: int) -> str:
        return os.path.join(self._folder, f"fold-{fold:02d}")


def _as_json(trained: Trained) -> dict[str, Any]:
    # Keras has other numbers than Python's among the figures of an epoch.
    history = [
        {name: value if isinstance(value, str) else np.asarray(value).item() for name, value in epoch.items()}
        for epoch in trained.history
    ]
    return {
        "class_counts": trained.class_counts.tolist(),
        "history": history,
        "stages": [dataclasses.asdict(stage) for stage in trained.stages],
        "best": trained.stages.index(trained.best),
        "warnings": list(trained.warnings),
    }


def _of_json(content: dict[str, Any], model: keras.Model) -> Trained:
    stages = tuple(StageOutcome(**{**stage, "prior": tuple(stage["prior"])}) for stage in content["stages"])
    return Trained(
        model,
        np.array(content["class_counts"], np.int64),
        content["history"],
        stages,
        stages[content["best"]],
        tuple(content["warnings"]),
    )
