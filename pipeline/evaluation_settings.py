"""What an experiment asks of the evaluation."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

_MAX_DROP = 0.02


class EvaluationSettings(BaseModel):
    """Slices to look at, and the least a model must reach to be blessed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slices: tuple[str, ...] = Field(
        (), description="Columns whose every value is evaluated alone and crossed with the class."
    )
    min_worst_recall_lower_bound: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Least value, over classes, of the lower end of the recall's 95 % interval; 0 blesses any model.",
    )
    max_drop: float = Field(
        _MAX_DROP,
        ge=0,
        le=1,
        description="Most that a class's recall may fall below the last blessed model's.",
    )

    @field_validator("slices")
    @classmethod
    def _slices_distinct(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        repeated = sorted({name for name in value if value.count(name) > 1})
        if repeated:
            raise ValueError(f"Expected each column once. Received more than once: {', '.join(repeated)}")
        return value

    @field_validator("max_drop")
    @classmethod
    def _max_drop_available(cls, value: float) -> float:
        if value != _MAX_DROP:
            raise ValueError(
                f"A limit of its own is not available yet. Available: {_MAX_DROP}. Received: {value}"
            )
        return value
