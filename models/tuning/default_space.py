"""Search space of an experiment that names none: what matters with a rare class, by kind of data."""

from collections.abc import Iterable
from typing import Any

from models.catalogue.attention import ATTENTION
from models.catalogue.branches import BRANCHES
from models.catalogue.encoders import ENCODERS
from models.catalogue.losses import LOSSES
from models.catalogue.mixing import MIXINGS
from models.catalogue.row import Row, names_of, own_fields, row_of, searched_names
from models.catalogue.sampling import SAMPLINGS
from models.settings import TrainingSections
from models.tuning.comparable import changes_meaning
from models.tuning.dimension import Dimension
from models.tuning.trial_settings import setting
from models.tuning.tunable import MIXING


def default_space(
    own: TrainingSections, has_image: bool, has_table: bool, objective: str
) -> dict[str, Dimension]:
    """Chooses what to search over.

    Args:
        own: The experiment's settings.
        has_image: Whether the records have an image.
        has_table: Whether they have columns.
        objective: Figure that ranks the trials; what makes it another figure is left out.

    Returns:
        Dotted keys with their dimensions. The experiment's own value is always one of them.
    """
    space = {**_rebalancing_dimensions(own), **_branch_dimensions(own)}
    if has_image:
        space |= {**_image_dimensions(own), **_augmentation_dimensions(own)}
    if has_table:
        space |= _table_dimensions(own)
    return {key: dimension for key, dimension in space.items() if not changes_meaning(key, objective)}


def _rebalancing_dimensions(own: TrainingSections) -> dict[str, Dimension]:
    rate = setting(own, "training.optimizer.learning_rate")
    space = {
        "training.optimizer.learning_rate": Dimension(float_range=(rate / 10, rate * 10), log=True),
        "training.sampling": _choice(own, "training.sampling", *_samplings()),
    }
    if setting(own, "loss.name") not in names_of(LOSSES) or setting(own, "training.deferred") is not None:
        # Another loss, or none with weights, would undo what the experiment is about.
        return space
    return {
        **space,
        "loss.name": _choice(own, "loss.name", *searched_names(LOSSES)),
        "loss.class_weights": _choice(own, "loss.class_weights", "none", "sqrt_inverse", "inverse"),
        **_own_dimensions(own, "loss", LOSSES),
    }


def _branch_dimensions(own: TrainingSections) -> dict[str, Dimension]:
    needs_one = setting(own, "training.second_stage") != "none" or setting(own, "loss.contrastive")
    if needs_one or _makes_embeddings(own):
        return {}
    return {"model.branches": _choice(own, "model.branches", *searched_names(BRANCHES))}


def _image_dimensions(own: TrainingSections) -> dict[str, Dimension]:
    space = {"model.image.dropout": _range(own, "model.image.dropout", 0.0, 0.5)}
    if not _makes_embeddings(own):
        space["model.attention"] = _choice(own, "model.attention", "none", *searched_names(ATTENTION))
    if setting(own, "model.image.backbone") == "small_cnn":
        space["model.image.alpha"] = _choice(own, "model.image.alpha", 0.5, 1.0, 2.0)
    if setting(own, "model.image.weights") is not None:
        depths = ("none", "last_block", "all")
        scale = "model.image.fine_tune_learning_rate_scale"
        space["model.image.fine_tune"] = _choice(own, "model.image.fine_tune", *depths)
        rate = _range(own, scale, 0.03, 1.0)
        space[scale] = rate.model_copy(update={"log": True})
    if setting(own, "model.embedding_units"):
        space["model.embedding_units"] = _choice(own, "model.embedding_units", 32, 64, 128, 256)
    return space


def _augmentation_dimensions(own: TrainingSections) -> dict[str, Dimension]:
    """What is done to images in training; what is made before training is the same for all trials."""
    if _makes_embeddings(own):
        return {}
    space = {
        key: _choice(own, key, False, True) for key in ("augmentation.crop_flip", "augmentation.turn_zoom")
    }
    if setting(own, "augmentation.image") not in MIXING:
        return space
    space["augmentation.strength"] = _choice(own, "augmentation.strength", True, 0.3, 0.6)
    if not _draws_pairs(own) and not setting(own, "loss.contrastive"):
        space["augmentation.image"] = _choice(own, "augmentation.image", "none", *searched_names(MIXINGS))
        space["augmentation.alpha"] = _range(own, "augmentation.alpha", 0.2, 1.0)
    return space


def _makes_embeddings(own: TrainingSections) -> bool:
    """Tells whether training reads nothing but the mean of a frozen backbone's features."""
    return setting(own, "augmentation.image") == "embedding_smote"


def _draws_pairs(own: TrainingSections) -> bool:
    return row_of(BRANCHES, setting(own, "model.branches")).draws_pairs


def _samplings() -> tuple[str, ...]:
    """Returns the samplings to choose from, the most natural first."""
    searched = sorted((row for row in SAMPLINGS if row.searched), key=lambda row: -row.exponent)
    return names_of(searched)


def _table_dimensions(own: TrainingSections) -> dict[str, Dimension]:
    return {
        "model.tabular.encoder": _choice(own, "model.tabular.encoder", *searched_names(ENCODERS)),
        "model.tabular.dropout": _range(own, "model.tabular.dropout", 0.0, 0.5),
        **_own_dimensions(own, "model.tabular", ENCODERS),
    }


def _choice(own: TrainingSections, key: str, *values: Any) -> Dimension:
    value = setting(own, key)
    return Dimension(choice=values if value in values else (value, *values))


def _own_dimensions(own: TrainingSections, section: str, rows: Iterable[Row]) -> dict[str, Dimension]:
    """Makes the dimensions of the keys that rows have for themselves."""
    space = {}
    for field in own_fields(rows).values():
        key = f"{section}.{field.name}"
        if field.searched is not None:
            space[key] = _range(own, key, *field.searched)
        elif field.choices:
            space[key] = _choice(own, key, *field.choices)
    return space


def _range(own: TrainingSections, key: str, least: float, greatest: float) -> Dimension:
    value = setting(own, key)
    return Dimension(float_range=(min(least, value), max(greatest, value)))
