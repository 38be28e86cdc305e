"""Decision at the least expected cost."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, field_validator

from components.decision_calibrator.rules.rule_kind import HeldOutRecords, RuleKind
from core.class_keys import by_clean_class
from core.named_in_data import ClassName
from core.settings import Settings

if TYPE_CHECKING:
    from components.decision_calibrator.rule import Rule

Cost = Annotated[float, Field(ge=0)]


class CostMatrix(Settings):
    """Cost of deciding one class where another is true; the rule decides at the least expected cost."""

    cost_matrix: dict[ClassName, dict[ClassName, Cost]] = Field(
        min_length=1,
        description="True class to decided class to cost. A mistake that is not listed costs 1, a right decision 0.",
    )

    _clean_classes = field_validator("cost_matrix", mode="before")(by_clean_class)

    def rows(self, classes: tuple[str, ...]) -> list[list[float]]:
        """Returns costs by true class (row) and decided class (column), `(classes, classes)`.

        What is not listed costs 1, and 0 on the diagonal.

        Reference:
            Elkan (2001), "The foundations of cost-sensitive learning".
        """
        return [
            [self.cost_matrix.get(true, {}).get(decided, float(true != decided)) for decided in classes]
            for true in classes
        ]


def _fit(settings: CostMatrix, records: HeldOutRecords) -> "Rule":
    import numpy as np

    from components.decision_calibrator.rule import Rule

    return Rule("cost_matrix", -np.array(settings.rows(records.classes)))


COST_MATRIX = RuleKind(
    "cost_matrix",
    _fit,
    "the class whose expected cost is least",
    usage="{cost_matrix: {true: {decided: cost}}}",
    settings=CostMatrix,
)
