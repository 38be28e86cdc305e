"""What an experiment says of its model: network, loss, training, search, serving."""

from models.settings.image import (
    BACKBONES_WITH_ALPHA,
    IMAGE_BACKBONES,
    KERAS_HUB_PREFIX,
    OWN_BACKBONES,
    ImageModelSettings,
    smallest_side,
)
from models.settings.loss import LossSettings
from models.settings.model import ModelSettings
from models.settings.optimizer import OPTIMIZERS, OptimizerSettings
from models.settings.tabular import TabularModelSettings
from models.settings.training import Monitor, TrainingSettings
from models.settings.tuner import TunerSettings

__all__ = [
    "BACKBONES_WITH_ALPHA",
    "IMAGE_BACKBONES",
    "KERAS_HUB_PREFIX",
    "OPTIMIZERS",
    "OWN_BACKBONES",
    "ImageModelSettings",
    "LossSettings",
    "ModelSettings",
    "Monitor",
    "OptimizerSettings",
    "TabularModelSettings",
    "TrainingSettings",
    "TunerSettings",
    "smallest_side",
]
