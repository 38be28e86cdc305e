"""What an experiment asks of the model's probabilities and decisions."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from core.class_keys import by_clean_class
from core.named_in_data import ClassName
from core.settings import Settings

Share = Annotated[float, Field(gt=0, lt=1)]
Floor = Annotated[float, Field(gt=0, le=1)]
Cost = Annotated[float, Field(ge=0)]


class CostMatrix(Settings):
    """Cost of deciding one class where another is true; the rule decides at the least expected cost."""

    cost_matrix: dict[ClassName, dict[ClassName, Cost]] = Field(
        min_length=1,
        description="True class to decided class to cost. A mistake that is not listed costs 1, a right decision 0.",
    )

    _clean_classes = field_validator("cost_matrix", mode="before")(by_clean_class)


class MinRecall(Settings):
    """Least recall that classes must reach on the eval split; else macro-F1 is made as high as it goes."""

    min_recall: dict[ClassName, Floor] = Field(min_length=1, description="Class to recall in (0, 1].")

    _clean_classes = field_validator("min_recall", mode="before")(by_clean_class)


class MinPrecision(Settings):
    """Least precision that classes must reach on the eval split; else macro-F1 is made as high as it goes."""

    min_precision: dict[ClassName, Floor] = Field(min_length=1, description="Class to precision in (0, 1].")

    _clean_classes = field_validator("min_precision", mode="before")(by_clean_class)


class DecisionSettings(Settings):
    """How probabilities are corrected and how a decision is drawn from them."""

    calibrate: bool = Field(
        True, description="Whether the model's confidence is calibrated on the eval split."
    )
    method: Literal["temperature", "bias_corrected", "vector"] = Field(
        "temperature",
        description="temperature has one number; bias_corrected one more a class, for losses whose prior is not "
        "known exactly; vector two a class. The latter two want some hundred eval records of every class.",
    )
    prior: Literal["train"] | dict[ClassName, Share] = Field(
        "train",
        description="Class shares that the served probabilities assume: those of the train split before "
        "augmentation, or {class: share} of where the model will be used.",
    )
    rule: Literal["argmax", "macro_f1", "balanced_accuracy"] | CostMatrix | MinRecall | MinPrecision = Field(
        "argmax",
        description="How the decision is drawn: the most probable class; weights of the classes chosen on the eval "
        "split for the best macro_f1 or balanced_accuracy; {cost_matrix: {true: {decided: cost}}}; "
        "{min_recall: {class: 0.9}} or {min_precision: {class: 0.9}}.",
    )

    _clean_classes = field_validator("prior", mode="before")(by_clean_class)

    @field_validator("prior")
    @classmethod
    def _shares_sum_to_one(cls, value: str | dict[str, float]) -> str | dict[str, float]:
        if isinstance(value, dict) and abs(sum(value.values()) - 1) > 1e-3:
            raise ValueError(
                f"Expected the share of every class, with a sum of 1. Received: {value}, with a sum of "
                f"{sum(value.values()):g}"
            )
        return value
