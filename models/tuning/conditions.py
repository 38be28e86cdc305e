"""Which settings have an effect only with certain values of another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.catalogue.losses import LOSSES
from models.catalogue.row import names_by_field, names_of
from models.settings import BACKBONES_WITH_ALPHA


@dataclass(frozen=True)
class Condition:
    """What a setting depends on.

    Attributes:
        parent: Key of the setting that decides.
        values: Its values with which the other setting has an effect.
    """

    parent: str
    values: tuple[Any, ...]


# The losses that do not reckon with the classes' counts themselves.
WEIGHED_LOSSES = names_of(row for row in LOSSES if row.is_weighed)

# Parents stand before what depends on them.
CONDITIONS: Mapping[str, Condition] = {
    "loss.class_weights": Condition("loss.name", WEIGHED_LOSSES),
    **{f"loss.{field}": Condition("loss.name", losses) for field, losses in names_by_field(LOSSES).items()},
    "loss.beta": Condition("loss.class_weights", ("effective_number",)),
    "model.image.alpha": Condition("model.image.backbone", ("small_cnn", *BACKBONES_WITH_ALPHA)),
    "model.image.frozen_epochs": Condition("model.image.fine_tune", ("all", "last_block")),
    "model.image.last_block_epochs": Condition("model.image.fine_tune", ("all",)),
    "model.image.fine_tune_learning_rate_scale": Condition("model.image.fine_tune", ("all", "last_block")),
    "model.tabular.hidden_units": Condition("model.tabular.encoder", ("mlp", "ensemble_mlp")),
    "model.tabular.members": Condition("model.tabular.encoder", ("ensemble_mlp",)),
    **{
        f"model.tabular.{field}": Condition("model.tabular.encoder", ("feature_attention",))
        for field in ("token_units", "num_blocks", "num_heads")
    },
    "model.tabular.numeric_dim": Condition("model.tabular.encoder", ("mlp", "ensemble_mlp")),
    "model.tabular.num_bins": Condition("model.tabular.numeric_embedding", ("piecewise_linear",)),
    "model.num_experts": Condition("model.branches", ("experts",)),
    "model.diversity": Condition("model.branches", ("experts",)),
    "model.cosine_scale": Condition("model.classifier", ("cosine",)),
    "training.deferred": Condition("loss.class_weights", ("inverse", "sqrt_inverse", "effective_number")),
    "training.second_stage_epochs": Condition("training.second_stage", ("crt", "lws")),
    "augmentation.strength": Condition("augmentation.turn_zoom", (True,)),
    "augmentation.alpha": Condition("augmentation.image", ("mixup", "cutmix", "remix")),
}


def in_order(keys: list[str]) -> list[str]:
    """Sorts keys so that each stands behind the one it depends on, else as they were."""

    def depth(key: str) -> int:
        condition = CONDITIONS.get(key)
        return 0 if condition is None else 1 + depth(condition.parent)

    return sorted(keys, key=depth)
