"""Which settings make the loss another figure, so that trials cannot be ranked by it. No TensorFlow."""

_OTHER_LOSS = ("loss.", "model.branches", "model.num_experts", "model.diversity", "training.deferred")


def changes_meaning(key: str, objective: str) -> bool:
    """Tells whether trials that differ in a setting have objectives that are not the same figure.

    The loss on the eval split is that of the trial: with a larger `loss.gamma` it is smaller whatever the
    network answers, and a search over both would find the largest `loss.gamma`.

    Args:
        key: Dotted key of the setting.
        objective: Figure that ranks the trials.
    """
    return objective == "val_loss" and key.startswith(_OTHER_LOSS)
