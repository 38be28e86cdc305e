"""Settings of the model's probabilities and decisions."""

from typing import TYPE_CHECKING, Annotated, Literal, Union

from pydantic import Field, field_validator

from components.decision_calibrator.rules.table import RULES, usage
from core.class_keys import by_clean_class
from core.named_in_data import ClassName
from core.settings import Settings

Share = Annotated[float, Field(gt=0, lt=1)]


_NAMED = tuple(kind.name for kind in RULES if kind.settings is None)
_WITH_SETTINGS = tuple(kind.settings for kind in RULES if kind.settings is not None)

if TYPE_CHECKING:
    RuleChoice = str | Settings
else:
    RuleChoice = Union[tuple([Literal[_NAMED], *_WITH_SETTINGS])]  # noqa: UP007


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
    rule: RuleChoice = Field("argmax", description=usage())

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
