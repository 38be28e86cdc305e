"""Settings of the evaluation: slices, limits of the promotion gate, contenders."""

from collections import Counter
from typing import Any

from pydantic import Field, field_validator

from components.contenders.settings import ContenderName
from core.named_in_data import ColumnName
from core.settings import Settings


class EvaluationSettings(Settings):
    """Slices to look at, and the least a model must reach to be blessed."""

    slices: tuple[ColumnName, ...] = Field(
        (), description="Columns whose every value is evaluated alone and crossed with the class."
    )
    min_worst_recall_lower_bound: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Least value, over classes, of the lower end of the recall's 95 % interval; 0 blesses any model.",
    )
    max_drop: float = Field(
        0.02,
        ge=0,
        le=1,
        description="Most that a class's recall or macro-F1 may fall, or the calibration error rise, against the "
        "last blessed model on the same test records.",
    )
    drop_confidence: float = Field(
        0.8,
        ge=0,
        lt=1,
        description="How sure it must be that a larger drop is not chance, before it counts; 0 takes it as it is.",
    )

    windows: int | None = Field(
        None,
        ge=0,
        le=50,
        description="Consecutive windows of test by the records' time, of as many records each, that are scored on their own; "
        "null takes 4 where `data.time` is set, 0 none.",
    )
    contenders: tuple[ContenderName, ...] = Field(
        (),
        description="Plain baselines that are fitted on the same splits and stand beside the model in the report: "
        "majority, logistic_regression, gradient_boosting, weighted_gradient_boosting, balanced_random_forest on "
        "the columns; linear_probe on the embeddings of a pretrained image backbone.",
    )

    @field_validator("slices", "contenders")
    @classmethod
    def _names_distinct(cls, value: tuple[Any, ...]) -> tuple[Any, ...]:
        repeated = sorted(name for name, count in Counter(value).items() if count > 1)
        if repeated:
            raise ValueError(f"Expected each name once. Received more than once: {', '.join(repeated)}")
        return value
