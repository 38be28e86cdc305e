"""Member of a model: a network, and trees beside it where there are any, that learnt from the same records."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras

from models.network.ensemble import EnsembleMember
from models.network.trees.joined_trees import joined_trees
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


def models_of(job: TrainingJob, members: Sequence[Member], share: float) -> list[EnsembleMember]:
    """Returns the models of members that are to answer together.

    Args:
        job: What was trained.
        members: All with trees or all without.
        share: The networks', in [0, 1]; the trees' is what is left. Networks alone have all.

    Returns:
        The networks, `member_0` and so on, and after them all trees in one model, `trees`.
    """
    trees = [member.trees for member in members if member.trees is not None]
    of_network = (share if trees else 1.0) / len(members)
    models = [
        EnsembleMember(f"member_{number}", member.network.model, of_network, [member.network.best.prior])
        for number, member in enumerate(members)
    ]
    if trees:
        joined = joined_trees([of.fitted for of in trees])
        model = trees_model(job.inputs, joined.trees, joined.group_sizes)
        models.append(EnsembleMember("trees", model, 1 - share, [of.prior for of in trees]))
    return models


def train_member(job: TrainingJob, callbacks: Sequence[keras.callbacks.Callback]) -> Member:
    """Trains a network, and fits trees where the settings ask for them; see `train` and `train_trees`."""
    trees = train_trees(job) if job.model.tabular.trees.enabled else None
    return Member(train(job, callbacks), trees)
