"""Comparability of trials by their loss, which some settings make another figure. No TensorFlow."""

from models.catalogue.branches import BRANCHES
from models.catalogue.row import own_fields

_OTHER_LOSS = (
    "loss.",
    "model.branches",
    *(f"model.{name}" for name in own_fields(BRANCHES)),
    "training.deferred",
)


def changes_meaning(key: str, objective: str) -> bool:
    """Tells whether trials that differ in a setting have objectives that are not the same figure.

    The loss on the eval split is that of the trial: with a larger `loss.gamma` it is smaller whatever the
    network answers, and a search over both would find the largest `loss.gamma`.

    Args:
        key: Dotted key of the setting.
        objective: Figure that ranks the trials.
    """
    return objective == "val_loss" and key.startswith(_OTHER_LOSS)
