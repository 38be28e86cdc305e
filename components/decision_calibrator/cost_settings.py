"""Settings of costs that depend on the record: what a missed record of a class costs, and what a false alarm."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from core.canonical_text import clean_text
from core.documents.record_costs import LARGEST_AMOUNT
from core.named_in_data import ClassName, ColumnName
from core.settings import Settings


class ColumnCost(Settings):
    """A cost that depends on the record: `times` the value of a column, and `plus`."""

    column: ColumnName = Field(
        description="Numeric column of the amount, a feature of every record and of every request."
    )
    times: float = Field(1.0, gt=0, le=LARGEST_AMOUNT, description="What the amount is multiplied by.")
    plus: float = Field(0.0, ge=0, le=LARGEST_AMOUNT, description="What is added to it.")


def _tag(cost: Any) -> str:
    return "cost[column]" if isinstance(cost, dict | ColumnCost) else "cost[number]"


if TYPE_CHECKING:
    Cost = float | ColumnCost
else:
    Cost = Annotated[
        Annotated[float, Field(ge=0, le=LARGEST_AMOUNT), Tag("cost[number]")]
        | Annotated[ColumnCost, Tag("cost[column]")],
        Discriminator(_tag),
    ]


class CostSettings(Settings):
    """What acting on a class costs, and what not acting; each a number or `{column: NAME, times: 1, plus: 0}`."""

    class_name: ClassName = Field(
        alias="class", description="The class that is acted on; all others are its opposite together."
    )
    miss: Cost = Field(description="What another decision costs where the class is true.")
    false_alarm: Cost = Field(description="What deciding for the class costs where another is true.")
    catch: Cost = Field(0.0, description="What deciding for the class costs where it is true.")

    @field_validator("class_name", mode="before")
    @classmethod
    def _clean_class(cls, name: Any) -> Any:
        # As the readers spell classes.
        return clean_text(name) if isinstance(name, str) else name

    @model_validator(mode="after")
    def _acting_may_pay(self) -> "CostSettings":
        (missed, times, plus), (caught, share, fee) = linear(self.miss), linear(self.catch)
        if fee >= plus and (missed is None or (missed == caught and share >= times)):
            raise ValueError(
                "decision.costs.catch is nowhere below decision.costs.miss, so that no record would ever be decided for the "
                f"class. Received: catch={_shown(self.catch)}, miss={_shown(self.miss)}. Set catch lower, or miss higher."
            )
        if linear(self.false_alarm) == (None, 0.0, 0.0):
            raise ValueError(
                "decision.costs.false_alarm: a false alarm that costs nothing has every record decided for the class. "
                "Received: false_alarm=0. Set it to what acting on a record costs for nothing."
            )
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the costs are made of, sorted."""
        named = (linear(cost)[0] for cost in (self.miss, self.false_alarm, self.catch))
        return tuple(sorted({name for name in named if name is not None}))

    @property
    def dearest(self) -> float | None:
        """What no decision costs more than; None where it depends on the record."""
        if self.columns:
            return None
        return max(linear(cost)[2] for cost in (self.miss, self.false_alarm, self.catch))


def linear(cost: float | ColumnCost) -> tuple[str | None, float, float]:
    """Returns a cost as a column, what it is multiplied by, and what is added; of a number no column and 0."""
    if isinstance(cost, ColumnCost):
        return cost.column, cost.times, cost.plus
    return None, 0.0, float(cost)


def _shown(cost: float | ColumnCost) -> str:
    if not isinstance(cost, ColumnCost):
        return f"{cost:g}"
    return f"{{column: {cost.column}, times: {cost.times:g}, plus: {cost.plus:g}}}"
