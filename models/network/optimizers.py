"""Optimizers by name."""

import keras

from models.settings import OptimizerSettings


def make_optimizer(settings: OptimizerSettings) -> keras.optimizers.Optimizer:
    """Builds the optimizer of an experiment; `sgd` has momentum 0.9."""
    decay = settings.weight_decay or None
    if settings.name == "sgd":
        return keras.optimizers.SGD(settings.learning_rate, momentum=0.9, weight_decay=decay)
    if settings.name == "adamw":
        return keras.optimizers.AdamW(settings.learning_rate, weight_decay=settings.weight_decay)
    return keras.optimizers.Adam(settings.learning_rate, weight_decay=decay)
