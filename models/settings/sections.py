"""Sections of an experiment that decide a trained model."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from core.augmentation.settings import AugmentationSettings
from core.settings import Settings
from models.settings.loss import LossSettings
from models.settings.model import ModelSettings
from models.settings.training import TrainingSettings


class TrainingSections(Settings):
    """What of an experiment a training needs."""

    model: ModelSettings = Field(default_factory=ModelSettings, description="The network.")
    loss: LossSettings = Field(default_factory=LossSettings, description="What is minimised.")
    training: TrainingSettings = Field(default_factory=TrainingSettings, description="How it is trained.")
    augmentation: AugmentationSettings = Field(
        default_factory=AugmentationSettings, description="What is done to records."
    )
    seed: int = Field(0, description="Decides everything random.")

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "TrainingSections":
        """Reads the sections out of what TFX hands over, JSON with other keys besides."""
        return cls.model_validate({name: config[name] for name in cls.model_fields if name in config})
