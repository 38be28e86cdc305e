"""Settings of an experiment about its model: network, loss, training and search."""

from models.settings.image import ImageModelSettings
from models.settings.loss import LossSettings
from models.settings.model import ModelSettings
from models.settings.optimizer import OPTIMIZERS, OptimizerSettings
from models.settings.sections import TrainingSections
from models.settings.tabular import TabularModelSettings
from models.settings.training import Monitor, TrainingSettings
from models.settings.trees import TreesSettings
from models.settings.tuner import TunerSettings

__all__ = [
    "OPTIMIZERS",
    "ImageModelSettings",
    "LossSettings",
    "ModelSettings",
    "Monitor",
    "OptimizerSettings",
    "TabularModelSettings",
    "TrainingSections",
    "TrainingSettings",
    "TreesSettings",
    "TunerSettings",
]
