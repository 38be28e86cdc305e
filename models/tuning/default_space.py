"""The search space where an experiment names none: what matters with a rare class, by kind of data."""

from typing import Any

from models.settings import LOSSES
from models.tuning.dimension import Dimension
from models.tuning.trial_settings import Settings, setting

_LOSSES = ("cross_entropy", "focal", "balanced_softmax", "logit_adjusted")


def default_space(own: Settings, has_image: bool, has_table: bool) -> dict[str, Dimension]:
    """Chooses what to search over.

    Args:
        own: The experiment's `model`, `loss` and `training`, as JSON.
        has_image: Whether the records have an image.
        has_table: Whether they have columns.

    Returns:
        Dotted keys with their dimensions. The experiment's own value is always one of them.
    """
    space = _of_rebalancing(own)
    if has_image:
        space |= _of_images(own)
    if has_table:
        space |= _of_tables(own)
    return space


def _of_rebalancing(own: Settings) -> dict[str, Dimension]:
    rate = setting(own, "training.optimizer.learning_rate")
    space = {
        "training.optimizer.learning_rate": Dimension(float_range=(rate / 10, rate * 10), log=True),
        "training.sampling": _choice(own, "training.sampling", "natural", "sqrt", "class_balanced"),
    }
    if setting(own, "loss.name") not in LOSSES or setting(own, "training.deferred") is not None:
        # Another loss, or none with weights, would undo what the experiment is about.
        return space
    return {
        **space,
        "loss.name": _choice(own, "loss.name", *_LOSSES),
        "loss.class_weights": _choice(own, "loss.class_weights", "none", "sqrt_inverse", "inverse"),
        "loss.gamma": _range(own, "loss.gamma", 0.5, 4.0),
        "loss.tau": _range(own, "loss.tau", 0.5, 2.0),
    }


def _of_images(own: Settings) -> dict[str, Dimension]:
    space = {
        "model.image.dropout": _range(own, "model.image.dropout", 0.0, 0.5),
        "model.attention": _choice(own, "model.attention", "none", "squeeze_excitation", "cbam"),
    }
    if setting(own, "training.second_stage") == "none":
        space["model.branches"] = _choice(own, "model.branches", "single", "experts")
    if setting(own, "model.image.backbone") == "small_cnn":
        space["model.image.alpha"] = _choice(own, "model.image.alpha", 0.5, 1.0, 2.0)
    if setting(own, "model.image.weights") is not None:
        space["model.image.fine_tune"] = _choice(own, "model.image.fine_tune", "none", "last_block", "all")
    return space


def _of_tables(own: Settings) -> dict[str, Dimension]:
    return {
        "model.tabular.dropout": _range(own, "model.tabular.dropout", 0.0, 0.5),
        "model.tabular.hidden_units": _choice(
            own, "model.tabular.hidden_units", [64], [128, 64], [256, 128], [256, 256, 128]
        ),
    }


def _choice(own: Settings, key: str, *values: Any) -> Dimension:
    value = setting(own, key)
    return Dimension(choice=values if value in values else (value, *values))


def _range(own: Settings, key: str, least: float, greatest: float) -> Dimension:
    value = setting(own, key)
    return Dimension(float_range=(min(least, value), max(greatest, value)))
