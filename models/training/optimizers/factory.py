"""Optimizers by name."""

from typing import Any

import keras
import numpy as np

from models.named_classes import ADDONS
from models.network.addons import addons_optimizer
from models.settings import OptimizerSettings
from models.training.optimizers.layer_rates import (
    LayerRatesAdam,
    LayerRatesAdamW,
    LayerRatesSGD,
    rates_of_layer,
)
from models.training.optimizers.schedules import WarmupSchedule


def make_optimizer(
    settings: OptimizerSettings,
    *,
    steps_per_epoch: int | None = None,
    epochs: int | None = None,
    model: keras.Model | None = None,
    backbone: str | None = None,
) -> keras.optimizers.Optimizer:
    """Builds the optimizer of an experiment; `sgd` has momentum 0.9.

    Args:
        settings: Name of the optimizer, learning rate and how it goes.
        steps_per_epoch: Batches in an epoch; needed for a warm-up or a schedule other than constant.
        epochs: Epochs of the whole training; needed like `steps_per_epoch`.
        model: The model to train; needed for a `backbone_rate` other than 1.
        backbone: Name of the nested model whose learning rate `backbone_rate` scales; needed like `model`.

    Returns:
        An optimizer for `model.compile`.

    Raises:
        ValueError: An argument that is needed is missing, or `settings.config` does not fit the optimizer.
    """
    rate = _learning_rate(settings, steps_per_epoch, epochs)
    if settings.name.startswith(ADDONS):
        return addons_optimizer(
            settings.name, settings.config, rate, settings.weight_decay, settings.clip_norm
        )
    arguments: dict[str, Any] = {"learning_rate": rate, "weight_decay": settings.weight_decay or None}
    if settings.clip_norm is not None:
        arguments["global_clipnorm"] = settings.clip_norm
    if settings.name == "sgd":
        arguments["momentum"] = 0.9
    if settings.name == "adamw":
        # None would be refused: AdamW without decay is its decay of 0.
        arguments["weight_decay"] = settings.weight_decay
    if settings.backbone_rate == 1:
        return _PLAIN[settings.name](**arguments)
    if model is None or backbone is None:
        raise ValueError(
            "`training.optimizer.backbone_rate` needs a model with a backbone to scale. Received: "
            f"backbone_rate={settings.backbone_rate:g} with model={model}, backbone={backbone}"
        )
    rates = rates_of_layer(model, backbone, settings.backbone_rate)
    return _BY_LAYER[settings.name](**arguments, rates=rates)


def current_learning_rate(optimizer: Any) -> float:
    """Returns the learning rate of an optimizer's next step; NaN for one that has none, as COCOB.

    Args:
        optimizer: Any optimizer of Keras or TensorFlow Addons; one with a schedule answers with the rate
            the schedule has for its step, whether or not the optimizer keeps that itself.
    """
    # Keras's own optimizers answer with the rate of the step before, so their schedule is asked first.
    rate = getattr(optimizer, "_learning_rate", None)
    if rate is None:
        try:
            rate = optimizer.learning_rate
        except AttributeError:
            return float("nan")
    if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        rate = rate(optimizer.iterations)
    return float(np.asarray(rate))


_PLAIN = {
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "sgd": keras.optimizers.SGD,
}
_BY_LAYER = {"adam": LayerRatesAdam, "adamw": LayerRatesAdamW, "sgd": LayerRatesSGD}


def _learning_rate(
    settings: OptimizerSettings, steps_per_epoch: int | None, epochs: int | None
) -> float | WarmupSchedule:
    if settings.schedule == "constant" and not settings.warmup_epochs:
        # A plain number stays settable, by callbacks for one.
        return settings.learning_rate
    if steps_per_epoch is None or epochs is None:
        raise ValueError(
            "`steps_per_epoch` and `epochs` are needed for a schedule or a warm-up. Received: "
            f"steps_per_epoch={steps_per_epoch}, epochs={epochs} with schedule={settings.schedule!r}, "
            f"warmup_epochs={settings.warmup_epochs}"
        )
    return WarmupSchedule(
        settings.learning_rate, settings.schedule, steps_per_epoch, epochs, settings.warmup_epochs
    )
