"""Optimizer section of an experiment: how weights follow the gradient."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from core.settings import Settings
from models.named_classes import ADDONS_OPTIMIZERS, ADDONS_UNSCHEDULED, check_addons_available, check_config
from models.settings.base import known

OPTIMIZERS = ("adam", "adamw", "sgd")


class OptimizerSettings(Settings):
    """How weights follow the gradient."""

    name: Annotated[str, known(*OPTIMIZERS, *ADDONS_OPTIMIZERS)] = Field(
        "adam",
        description="adam, adamw or sgd, which has momentum 0.9; or an optimizer of TensorFlow Addons, such as "
        "Addons>Lookahead.",
    )
    config: dict[str, Any] = Field(
        default_factory=dict, description="Optimizers of TensorFlow Addons only: their further arguments."
    )
    learning_rate: float = Field(0.001, gt=0, le=100, description="Step size once warm-up is over.")
    schedule: Literal["constant", "cosine", "step"] = Field(
        "constant",
        description="How the learning rate goes: cosine falls to 0 over all epochs, step by 0.01 at 80 % of them "
        "and by 0.01 again at 90 %.",
    )
    warmup_epochs: int = Field(
        0, ge=0, description="First epochs, in which the learning rate rises to its value step by step."
    )
    weight_decay: float = Field(0.0, ge=0, lt=1, description="Decoupled decay of the weights per step.")
    clip_norm: float | None = Field(
        None, gt=0, description="Longest gradient, over all weights together; null leaves it as it is."
    )
    backbone_rate: float = Field(
        1.0, ge=0, le=100, description="Share of the learning rate that the image's backbone gets."
    )

    @model_validator(mode="after")
    def _named_optimizer_takes_its_config(self) -> "OptimizerSettings":
        check_addons_available(self.name)
        if self.config and self.name in OPTIMIZERS:
            raise ValueError(
                "`config` works with optimizers of TensorFlow Addons alone. Received: config="
                f"{self.config} with name={self.name!r}. Leave it out."
            )
        if self.name in OPTIMIZERS:
            return self
        check_config("training.optimizer.config", self.name, self.config, ADDONS_OPTIMIZERS[self.name])
        if self.backbone_rate != 1:
            raise ValueError(
                f"`backbone_rate` works with {', '.join(OPTIMIZERS)} alone. Received: backbone_rate="
                f"{self.backbone_rate:g} with name={self.name!r}. Set it to 1, or name one of them."
            )
        return self

    @model_validator(mode="after")
    def _schedule_is_followed(self) -> "OptimizerSettings":
        if self.name in ADDONS_UNSCHEDULED and (self.schedule != "constant" or self.warmup_epochs):
            raise ValueError(
                f"{self.name} follows no schedule. Received: schedule={self.schedule!r}, warmup_epochs="
                f"{self.warmup_epochs}. Set them to constant and 0, or name another optimizer."
            )
        return self
