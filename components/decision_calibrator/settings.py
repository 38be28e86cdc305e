"""What an experiment asks of the model's probabilities and decisions."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator


class CostMatrix(BaseModel):
    """Cost of deciding one class where another is true."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cost_matrix: dict[str, dict[str, float]] = Field(description="True class to decided class to cost.")


class MinRecall(BaseModel):
    """Least recall that a class must reach on the eval split."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_recall: dict[str, float] = Field(description="Class to recall in (0, 1].")


class DecisionSettings(BaseModel):
    """How probabilities are corrected and how a decision is drawn from them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    calibrate: bool = Field(False, description="Whether probabilities are calibrated on the eval split.")
    prior: Literal["train"] | dict[str, float] = Field(
        "train", description="Class shares that the served probabilities assume."
    )
    rule: Literal["argmax", "macro_f1", "balanced_accuracy"] | CostMatrix | MinRecall = Field(
        "argmax", description="How the decision is drawn from the probabilities."
    )

    @field_validator("calibrate")
    @classmethod
    def _calibration_available(cls, value: bool) -> bool:
        if value:
            raise ValueError("Calibration is not available yet. Available: false.")
        return value

    @field_validator("prior")
    @classmethod
    def _prior_available(cls, value: str | dict[str, float]) -> str | dict[str, float]:
        if value != "train":
            raise ValueError(f"Another prior is not available yet. Available: train. Received: {value}")
        return value

    @field_validator("rule")
    @classmethod
    def _rule_available(cls, value: object) -> object:
        if value != "argmax":
            raise ValueError("This rule is not available yet. Available: argmax.")
        return value
