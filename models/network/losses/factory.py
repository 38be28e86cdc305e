"""Losses by the names that experiments give them."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from models.catalogue.losses import LOSSES, LossRow
from models.catalogue.row import names_of, row_of
from models.named_classes import ADDONS, ADDONS_LOSSES, KERAS_LOSSES
from models.network.addons import import_addons
from models.network.class_weights import checked_counts, class_weights
from models.network.losses.adapted import Adapted
from models.settings import LossSettings


def make_loss(settings: LossSettings, class_counts: Sequence[float] | np.ndarray) -> keras.losses.Loss:
    """Makes the loss an experiment asks for.

    To re-weigh classes late in training, make it twice: first from settings with `class_weights` none, then
    from the settings as they are.

    Args:
        settings: Name of the loss, its own arguments, and how classes are weighed.
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.

    Returns:
        A loss of class indices, `(batch,)`, and logits, `(batch, num_classes)`, whose `call` answers with
        the losses of the records, `(batch,)`.

    Raises:
        ValueError: A class has no record, or the loss is unknown or does not take what `config` holds.
    """
    counts = checked_counts(np.asarray(class_counts))
    weights = None
    if settings.class_weights != "none":
        weights = class_weights(counts, settings.class_weights, settings.beta).tolist()
    name = settings.name
    if name in names_of(LOSSES):
        return _own_loss(row_of(LOSSES, name), settings, counts, weights)
    if name in KERAS_LOSSES or name in ADDONS_LOSSES:
        return Adapted(_named_loss(name, settings.config, len(counts)), class_weights=weights)
    raise ValueError(
        f"`loss.name` must be one of {', '.join(names_of(LOSSES))}, or name a loss of Keras or TensorFlow Addons. "
        f"Received: {settings.name!r}"
    )


def _own_loss(
    row: LossRow, settings: LossSettings, counts: np.ndarray, weights: list[float] | None
) -> keras.losses.Loss:
    # A beta of 0 weighs all classes alike: the first stage of deferred re-weighting.
    beta = settings.beta if weights is not None else 0.0
    offered = {"class_counts": counts, "class_weights": weights, "beta": beta}
    own = {field.argument or field.name: getattr(settings, field.name) for field in row.fields}
    return row.load()(**own, **{name: offered[name] for name in row.takes})


def _named_loss(name: str, config: dict[str, Any], num_classes: int) -> keras.losses.Loss:
    """Makes a loss of Keras or TensorFlow Addons; where it can take logits, it does."""
    library = import_addons().losses if name.startswith(ADDONS) else keras.losses
    arguments = dict(config)
    known = {**KERAS_LOSSES, **ADDONS_LOSSES}[name]
    if "from_logits" in known:
        arguments.setdefault("from_logits", True)
    if name == "Addons>WeightedKappaLoss":
        arguments["num_classes"] = num_classes
    try:
        return getattr(library, name.removeprefix(ADDONS))(**arguments)
    except (TypeError, ValueError) as err:
        raise ValueError(f"`loss.config` does not fit {name}: {err}") from err
