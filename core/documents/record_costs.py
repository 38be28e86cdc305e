"""Costs of a decision that depend on the record, as the document beside a model describes them."""

from core.documents.document import Part
from core.documents.values import Number

# Of an amount, and of a cost: sums of such are within float32.
LARGEST_AMOUNT = 1e15


class CostTerm(Part):
    """A cost: `times` the value of a column, and `plus`.

    Attributes:
        column: Raw feature of the amount; None of a cost that is the same for every record.
        times: What it is multiplied by; 0 without a column.
        plus: What is added.
    """

    column: str | None
    times: Number
    plus: Number

    def text(self) -> str:
        """Writes the cost as a formula, in which the column's name stands for its value."""
        if self.column is None:
            return f"{self.plus:g}"
        scaled = self.column if self.times == 1 else f"{self.times:g} * {self.column}"
        return f"{scaled} + {self.plus:g}" if self.plus else scaled


class RecordCostFigures(Part):
    """Costs of acting on a class, and of not acting.

    Attributes:
        class_name: The class that is acted on.
        miss: Cost of another decision where the class is true.
        false_alarm: Cost of deciding for the class where another is true.
        catch: Cost of deciding for the class where it is true.
    """

    class_name: str
    miss: CostTerm
    false_alarm: CostTerm
    catch: CostTerm

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the costs are made of, sorted."""
        named = (term.column for term in (self.miss, self.false_alarm, self.catch))
        return tuple(sorted({name for name in named if name is not None}))

    def text(self) -> str:
        """Writes out the three costs."""
        return (
            f"miss = {self.miss.text()}, false alarm = {self.false_alarm.text()}, catch = {self.catch.text()}"
        )
