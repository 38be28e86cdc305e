"""Settings of the checks that data must pass before anything is trained on them."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from components.imbalance_validator.check_table import CHECKS
from core.settings import Settings

if TYPE_CHECKING:
    CheckName = str
else:
    CheckName = Literal[tuple(CHECKS)]


class ValidationSettings(Settings):
    """Limits that the data must keep."""

    min_class_count: int = Field(10, ge=1, description="Fewest examples of a class, over all splits.")
    max_imbalance_ratio: float | None = Field(
        None,
        ge=1,
        description="Most train examples of the commonest class for one of the rarest; null sets no limit.",
    )
    max_label_drift: float = Field(
        0.05, ge=0, le=1, description="Most that a class's share may differ between two splits."
    )
    max_feature_auc: float = Field(
        0.999, gt=0.5, le=1, description="A feature that alone ranks every class this well holds the label."
    )
    skip: tuple[CheckName, ...] = Field((), description="Checks to leave out.")
    on_anomaly: Literal["fail", "warn"] = Field("fail", description="Whether a hard finding ends the run.")

    @property
    def wants_one_spelling(self) -> bool:
        """Whether classes that are one but for their spelling end the run."""
        return self.on_anomaly == "fail" and "label_spelling" not in self.skip
