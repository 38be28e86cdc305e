"""Member of a model: a network, and trees beside it where there are any, that learnt from the same records."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras

from models.network.ensemble import EnsembleMember
from models.network.trees.trees_model import trees_model
from models.training.job import Trained, TrainingJob
from models.training.train import train
from models.training.trees.train_trees import TrainedTrees, train_trees


@dataclass(frozen=True)
class Member:
    """What learnt from one choice of the records.

    Attributes:
        network: The network.
        trees: The trees, or None.
    """

    network: Trained
    trees: TrainedTrees | None = None

    def parts(self, job: TrainingJob, number: int, share: float, of: int = 1) -> list[EnsembleMember]:
        """Returns the member's models.

        Args:
            job: What was trained.
            number: Of the member, from 0.
            share: The network's, in [0, 1]; the trees' is what is left.
            of: Number of members.
        """
        whole = share if self.trees is not None else 1.0
        parts = [EnsembleMember(f"member_{number}", self.network.model, whole / of, self.network.best.prior)]
        if self.trees is not None:
            trees = trees_model(job.inputs, self.trees.fitted)
            parts.append(EnsembleMember(f"trees_{number}", trees, (1 - share) / of, self.trees.prior))
        return parts


def train_member(job: TrainingJob, callbacks: Sequence[keras.callbacks.Callback]) -> Member:
    """Trains a network, and fits trees where the settings ask for them; see `train` and `train_trees`."""
    trees = train_trees(job) if job.model.tabular.trees.enabled else None
    return Member(train(job, callbacks), trees)
