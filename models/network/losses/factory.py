"""Losses by the names that experiments give them."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from models.named_classes import ADDONS, ADDONS_LOSSES, KERAS_LOSSES
from models.network.addons import import_addons
from models.network.class_weights import checked_counts, class_weights
from models.network.losses.adapted import Adapted
from models.network.losses.asymmetric_focal import AsymmetricFocal
from models.network.losses.balanced_softmax import BalancedSoftmax
from models.network.losses.class_balanced import class_balanced
from models.network.losses.focal import Focal
from models.network.losses.label_aware_smoothing import LabelAwareSmoothing
from models.network.losses.ldam import LDAM
from models.network.losses.logit_adjusted import LogitAdjusted
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy
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
    if name in _MAKERS:
        return _MAKERS[name](settings, counts, weights)
    if name in KERAS_LOSSES or name in ADDONS_LOSSES:
        return Adapted(_named_loss(name, settings.config, len(counts)), class_weights=weights)
    raise ValueError(
        f"`loss.name` must be one of {', '.join(_MAKERS)}, or name a loss of Keras or TensorFlow Addons. "
        f"Received: {settings.name!r}"
    )


def _class_balanced(
    settings: LossSettings, counts: np.ndarray, weights: list[float] | None
) -> keras.losses.Loss:
    # A beta of 0 weighs all classes alike: the first stage of deferred re-weighting.
    beta = settings.beta if weights is not None else 0.0
    return class_balanced(counts, settings.base, beta, settings.gamma)


_MAKERS: dict[str, Callable[[LossSettings, np.ndarray, list[float] | None], keras.losses.Loss]] = {
    "cross_entropy": lambda settings, counts, weights: WeightedCrossEntropy(
        weights, settings.label_smoothing
    ),
    "focal": lambda settings, counts, weights: Focal(settings.gamma, weights),
    "class_balanced": _class_balanced,
    "ldam": lambda settings, counts, weights: LDAM(counts, settings.max_margin, settings.scale, weights),
    "balanced_softmax": lambda settings, counts, weights: BalancedSoftmax(counts, weights),
    "logit_adjusted": lambda settings, counts, weights: LogitAdjusted(counts, settings.tau, weights),
    "asymmetric_focal": lambda settings, counts, weights: AsymmetricFocal(
        settings.gamma_positive, settings.gamma_negative, settings.margin, weights
    ),
    "label_aware_smoothing": lambda settings, counts, weights: LabelAwareSmoothing(
        counts, settings.head_smoothing, settings.tail_smoothing, settings.smoothing_form, weights
    ),
}


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
