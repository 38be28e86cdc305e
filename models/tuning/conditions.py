"""Conditions of settings that have an effect only with certain values of another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from models.catalogue.backbones import BACKBONES
from models.catalogue.branches import BRANCHES
from models.catalogue.encoders import ENCODERS
from models.catalogue.losses import CLASS_WEIGHTS, LOSSES
from models.catalogue.mixing import MIXINGS
from models.catalogue.row import Row, names_by_field, names_of
from models.catalogue.second_stages import SECOND_STAGES


@dataclass(frozen=True)
class Condition:
    """What a setting depends on.

    Attributes:
        parent: Key of the setting that decides.
        values: Its values with which the other setting has an effect.
    """

    parent: str
    values: tuple[Any, ...]


def _own_conditions(section: str, parent: str, rows: Iterable[Row]) -> dict[str, Condition]:
    """Makes the conditions of the keys that rows have for themselves."""
    return {
        f"{section}.{name}": Condition(f"{section}.{parent}", names)
        for name, names in names_by_field(rows).items()
    }


# The losses that do not reckon with the classes' counts themselves.
WEIGHED_LOSSES = names_of(row for row in LOSSES if row.is_weighed)

# Parents stand before what depends on them.
CONDITIONS: Mapping[str, Condition] = {
    "loss.class_weights": Condition("loss.name", WEIGHED_LOSSES),
    **_own_conditions("loss", "name", LOSSES),
    "loss.beta": Condition("loss.class_weights", ("effective_number",)),
    "model.image.alpha": Condition(
        "model.image.backbone", names_of(row for row in BACKBONES if row.takes_alpha)
    ),
    "model.image.frozen_epochs": Condition("model.image.fine_tune", ("all", "last_block")),
    "model.image.last_block_epochs": Condition("model.image.fine_tune", ("all",)),
    "model.image.fine_tune_learning_rate_scale": Condition("model.image.fine_tune", ("all", "last_block")),
    **_own_conditions("model.tabular", "encoder", ENCODERS),
    "model.tabular.num_bins": Condition("model.tabular.numeric_embedding", ("piecewise_linear",)),
    **_own_conditions("model", "branches", BRANCHES),
    "model.cosine_scale": Condition("model.classifier", ("cosine",)),
    "training.deferred": Condition("loss.class_weights", CLASS_WEIGHTS[1:]),
    "training.second_stage_epochs": Condition(
        "training.second_stage", names_of(row for row in SECOND_STAGES if row.trains)
    ),
    "augmentation.strength": Condition("augmentation.turn_zoom", (True,)),
    "augmentation.alpha": Condition("augmentation.image", names_of(MIXINGS)),
}


def in_order(keys: list[str]) -> list[str]:
    """Sorts keys so that each stands behind the one it depends on, else as they were."""

    def depth(key: str) -> int:
        condition = CONDITIONS.get(key)
        return 0 if condition is None else 1 + depth(condition.parent)

    return sorted(keys, key=depth)
