"""Branch structures of a classifier: arguments, builders of network and loss, source of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.catalogue.row import OwnField, Row, load


@dataclass(frozen=True)
class BranchesRow(Row):
    """How many classifiers a network has, and how they split the work.

    The builder takes a Trunk, the settings, ClassCounts and a seed, and makes the classifier.

    Attributes:
        loss: `package.module:callable` from the loss of one classifier, a ClassifierLoss, to that of the branches.
        one_classifier: Whether there is one embedding and one classifier on it.
        draws_pairs: Whether every record comes with a second one, drawn by reversed sampling. The branches mix
            these two themselves, and the priors of both samplings cancel.
    """

    loss: str = "models.network.branches.member_loss:member_loss"
    one_classifier: bool = False
    draws_pairs: bool = False

    def load_loss(self) -> Callable[[Any], Any]:
        """Imports the builder of the loss."""
        return load(self.loss)


BRANCHES: tuple[BranchesRow, ...] = (
    BranchesRow("single", "models.network.branches.single:single", searched=True, one_classifier=True),
    BranchesRow(
        "bilateral",
        "models.network.branches.bilateral:bilateral",
        'Zhou et al., "BBN: Bilateral-Branch Network with Cumulative Learning for Long-Tailed Visual Recognition", '
        "2020, https://arxiv.org/abs/1912.02413",
        loss="models.network.branches.bilateral_loss:bilateral_loss",
        draws_pairs=True,
    ),
    BranchesRow(
        "experts",
        "models.network.branches.experts:experts",
        'Wang et al., "Long-tailed Recognition by Routing Diverse Distribution-Aware Experts", 2021, '
        "https://arxiv.org/abs/2010.01809",
        fields=(
            OwnField("num_experts", int, 3, "experts only: how many there are.", {"ge": 2, "le": 4}),
            OwnField(
                "diversity",
                float,
                0.2,
                "experts only: how strongly they are driven to differ; 0 is not at all.",
                {"ge": 0, "le": 1},
            ),
        ),
        searched=True,
        loss="models.network.branches.experts_loss:experts_loss",
    ),
    BranchesRow(
        "class_groups",
        "models.network.branches.class_groups:class_groups",
        'Li et al., "Overcoming Classifier Imbalance for Long-tail Object Detection with Balanced Group Softmax", '
        "2020, https://arxiv.org/abs/2006.10408",
        loss="models.network.branches.class_groups_loss:class_groups_loss",
    ),
)
