"""What an experiment asks of its data before it is trained on."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ValidationSettings(BaseModel):
    """Limits that the data must keep."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_class_count: int = Field(10, ge=1, description="Fewest examples of a class, over all splits.")
    max_imbalance_ratio: float | None = Field(
        None, ge=1, description="Most examples of the commonest class for one of the rarest; null sets no limit."
    )
    max_label_drift: float = Field(
        0.05, ge=0, le=1, description="Most that a class's share may differ between two splits."
    )
    on_anomaly: Literal["fail", "warn"] = Field("fail", description="Whether a hard finding ends the run.")
