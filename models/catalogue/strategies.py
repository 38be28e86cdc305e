"""Strategies for imbalanced data: what each changes of a training by plain cross entropy, made of the other rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from core.augmentation.settings import COPIED_IMAGES, EMBEDDED_IMAGES, TABULAR
from models.catalogue.attention import ATTENTION
from models.catalogue.branches import BRANCHES
from models.catalogue.losses import CLASS_WEIGHTS, LOSSES
from models.catalogue.mixing import MIXINGS
from models.catalogue.row import names_of
from models.catalogue.sampling import SAMPLINGS
from models.catalogue.second_stages import SECOND_STAGES

Kind = Literal["any", "image", "table", "table alone", "image and table", "pretrained"]


@dataclass(frozen=True)
class StrategyRow:
    """A strategy as one change to plain cross entropy.

    Attributes:
        name: What `--only` and the results say.
        family: What of a training it changes.
        settings: Dotted keys of the experiment with the strategy's values.
        kind: Data that it is for; pretrained are images with pretrained weights.
        defers: Whether class weights set in late, after four fifths of the epochs.
        rule: Decision rule, of one that decides otherwise and trains alike.
        cost: Guess at the time of its training, as a multiple of plain cross entropy's, until it is measured.
    """

    name: str
    family: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    kind: Kind = "any"
    defers: bool = False
    rule: str | None = None
    cost: float = 1.0


# In the order of their turns where time is short: what has most often paid for its cost comes first. The decision rule
# costs no training; re-weighting, adjusted losses and moved images lead most comparisons of long-tailed recognition.
# Source: Zhang et al., "Deep Long-Tailed Learning: A Survey", 2023, https://arxiv.org/abs/2110.04596
_FIRST = (
    *("rule_macro_f1", "rule_balanced_accuracy", "weights_sqrt_inverse", "balanced_softmax", "turn_zoom"),
    *("last_block", "fine_tune_all", "focal", "rotate_scale", "smote", "mixup", "weights_inverse"),
    *(
        "logit_adjusted",
        "squeeze_excitation",
        "feature_attention",
        "ldam_deferred",
        "sampling_class_balanced",
    ),
    *("crt", "tau_norm", "cbam", "crop_flip", "remix", "sampling_sqrt", "frozen", "experts", "cutmix"),
)
_COSTS = {
    "experts": 2.5,
    "bilateral": 2.5,
    "from_scratch": 2.0,
    "self_attention": 1.5,
    "feature_attention": 3.0,
}


def _losses() -> Iterator[StrategyRow]:
    for scheme in CLASS_WEIGHTS[1:]:
        yield StrategyRow(f"weights_{scheme}", "weights", {"loss.class_weights": scheme})
    yield StrategyRow("weights_deferred", "weights", {"loss.class_weights": "effective_number"}, defers=True)
    for row in LOSSES:
        # Of the class-balanced loss of plain cross entropy there is the row of its weights.
        if row.name not in ("cross_entropy", "class_balanced"):
            yield StrategyRow(row.name, "losses", {"loss.name": row.name, "loss.class_weights": "none"})
    yield StrategyRow(
        "ldam_deferred",
        "losses",
        {"loss.name": "ldam", "loss.class_weights": "effective_number"},
        defers=True,
    )
    yield StrategyRow("contrastive", "losses", {"loss.contrastive": 0.5})


def _networks() -> Iterator[StrategyRow]:
    for name in names_of(ATTENTION):
        yield StrategyRow(name, "attention", {"model.attention": name}, "image")
    yield StrategyRow(
        "feature_attention", "attention", {"model.tabular.encoder": "feature_attention"}, "table"
    )
    for name in names_of(BRANCHES):
        if name != "single":
            yield StrategyRow(name, "branches", {"model.branches": name})
    for name in ("gating", "cross_attention"):
        yield StrategyRow(f"fusion_{name}", "fusion", {"model.fusion": name}, "image and table")
    scratch = dict.fromkeys(f"model.image.{key}" for key in ("weights", "frozen_epochs", "last_block_epochs"))
    yield StrategyRow("from_scratch", "transfer", scratch, "pretrained")
    for depth, name in (("none", "frozen"), ("last_block", "last_block"), ("all", "fine_tune_all")):
        yield StrategyRow(name, "transfer", {"model.image.fine_tune": depth}, "pretrained")


def _records() -> Iterator[StrategyRow]:
    for name in (*COPIED_IMAGES, *EMBEDDED_IMAGES):
        yield StrategyRow(name, "augmentation", {"augmentation.image": name}, "image")
    for name in TABULAR[1:]:
        kind: Kind = "table alone" if name in COPIED_IMAGES else "table"
        yield StrategyRow(name, "augmentation", {"augmentation.tabular": name}, kind)
    for name in ("turn_zoom", "crop_flip"):
        yield StrategyRow(name, "augmentation", {f"augmentation.{name}": True}, "image")
    for row in MIXINGS:
        yield StrategyRow(
            row.name, "mixing", {"augmentation.image": row.name}, "image" if row.image_only else "any"
        )
    for name in names_of(SAMPLINGS):
        if name != "natural":
            yield StrategyRow(f"sampling_{name}", "sampling", {"training.sampling": name})


def _answers() -> Iterator[StrategyRow]:
    for name in names_of(SECOND_STAGES):
        yield StrategyRow(name, "second stage", {"training.second_stage": name})
    for name in ("macro_f1", "balanced_accuracy"):
        yield StrategyRow(f"rule_{name}", "decision", rule=name)


def _in_order(rows: list[StrategyRow]) -> tuple[StrategyRow, ...]:
    place = {name: number for number, name in enumerate(_FIRST)}
    return tuple(sorted(rows, key=lambda row: place.get(row.name, len(place))))


def _with_costs(rows: Iterator[StrategyRow]) -> Iterator[StrategyRow]:
    for row in rows:
        yield StrategyRow(**{**vars(row), "cost": _COSTS.get(row.name, 1.0)})


STRATEGIES: tuple[StrategyRow, ...] = _in_order(
    [row for rows in (_losses(), _networks(), _records(), _answers()) for row in _with_costs(rows)]
)
