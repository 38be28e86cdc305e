"""What an experiment asks of the augmentation of its rare classes."""

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

TABULAR = (
    "none",
    "oversample",
    "undersample",
    "smote",
    "borderline_smote",
    "svm_smote",
    "adasyn",
    "smote_tomek",
    "smote_enn",
)
IMAGE = ("none", "oversample", "rotate_scale", "mixup", "cutmix")


class AugmentationSettings(BaseModel):
    """How many examples are added to which class, and how they are made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tabular: str = Field("none", description="Strategy for tables.")
    image: str = Field("none", description="Strategy for images.")
    target_ratio: float | dict[str, int] = Field(
        1.0, description="Class size wanted, as a share of the largest class; or {class: count}."
    )

    @field_validator("target_ratio")
    @classmethod
    def _positive(cls, value: float | dict[str, int]) -> float | dict[str, int]:
        wanted = value.values() if isinstance(value, dict) else [value]
        if any(size <= 0 for size in wanted):
            raise ValueError(f"Expected sizes above 0. Received: {value}")
        return value

    @model_validator(mode="after")
    def _available(self) -> "AugmentationSettings":
        for kind, strategies in (("tabular", TABULAR), ("image", IMAGE)):
            strategy = getattr(self, kind)
            if strategy not in strategies:
                raise ValueError(
                    f"{kind}: unknown strategy {strategy!r}. Strategies: {', '.join(strategies)}."
                )
            if strategy != "none":
                raise ValueError(f"{kind}: {strategy!r} is not available yet. Available: none.")
        return self
