"""Finished members on disk, so that a training that was killed goes on at the next."""

import dataclasses
import json
import os
import shutil
from typing import Any

import keras
import numpy as np

from models.network.trees.fitted_trees import FittedTrees
from models.serving.saved_network import load_network
from models.training.job import StageOutcome, Trained
from models.training.members.member import Member
from models.training.trees.train_trees import TrainedTrees

_NETWORK, _OUTCOME, _TREES = "network.keras", "outcome.json", "trees.npz"
_PRIOR = "prior"
_UNFINISHED = ".unfinished"


class KeptMembers:
    """The finished members of one training, in a folder of its own below one that trainings share."""

    def __init__(self, shared: str, name: str):
        """Initialises the members.

        Args:
            shared: Folder on a local file system that one training at a time keeps its members in.
            name: Of the training; it is to differ with all that the training depends on.
        """
        self._shared = shared
        self._folder = os.path.join(shared, name)
        os.makedirs(self._folder, exist_ok=True)

    def add(self, number: int, member: Member) -> None:
        """Writes a member, which is there as a whole or not at all, whenever the process is killed."""
        unfinished = self._path(number) + _UNFINISHED
        shutil.rmtree(unfinished, ignore_errors=True)
        os.makedirs(unfinished)
        member.network.model.save(os.path.join(unfinished, _NETWORK))
        with open(os.path.join(unfinished, _OUTCOME), "w") as handle:
            json.dump(_as_json(member.network), handle)
        if member.trees is not None:
            arrays = member.trees.fitted.to_arrays()
            np.savez(os.path.join(unfinished, _TREES), **arrays, **{_PRIOR: np.array(member.trees.prior)})
        os.replace(unfinished, self._path(number))

    def has(self, number: int) -> bool:
        """Tells whether a member is finished."""
        return os.path.isdir(self._path(number))

    def read(self, number: int) -> Member:
        """Reads a finished member."""
        folder = self._path(number)
        with open(os.path.join(folder, _OUTCOME)) as handle:
            network = _of_json(json.load(handle), load_network(os.path.join(folder, _NETWORK)))
        if not os.path.exists(os.path.join(folder, _TREES)):
            return Member(network)
        with np.load(os.path.join(folder, _TREES)) as arrays:
            prior = tuple(arrays[_PRIOR].tolist())
            return Member(network, TrainedTrees(FittedTrees.from_arrays(arrays), prior))

    def remove(self) -> None:
        """Removes the members, and those that trainings with other settings left, once all they are for is done."""
        shutil.rmtree(self._shared, ignore_errors=True)

    def _path(self, number: int) -> str:
        return os.path.join(self._folder, f"member-{number:02d}")


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
