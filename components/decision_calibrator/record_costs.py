"""Costs that depend on the record: from the amounts of records to what is at stake with each of them."""

from dataclasses import dataclass

import numpy as np

from components.decision_calibrator.cost_settings import CostSettings, linear
from components.evaluation.stakes import Stakes
from core.documents.record_costs import LARGEST_AMOUNT, CostTerm, RecordCostFigures


@dataclass(frozen=True)
class RecordCosts:
    """Makes stakes of amounts.

    Attributes:
        index: Of the class that is acted on.
        figures: The costs, as they are described.
    """

    index: int
    figures: RecordCostFigures

    @classmethod
    def of(cls, settings: CostSettings, classes: list[str] | tuple[str, ...]) -> "RecordCosts":
        """Takes an experiment's costs.

        Args:
            settings: The experiment's.
            classes: Names in index order.
        """

        def term(cost: object) -> CostTerm:
            column, times, plus = linear(cost)  # type: ignore[arg-type]
            return CostTerm(column=column, times=times, plus=plus)

        figures = RecordCostFigures(
            class_name=settings.class_name,
            miss=term(settings.miss),
            false_alarm=term(settings.false_alarm),
            catch=term(settings.catch),
        )
        return cls(list(classes).index(settings.class_name), figures)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the costs are made of, sorted."""
        return self.figures.columns

    def stakes(self, amounts: np.ndarray | None, num_records: int) -> Stakes:
        """Returns what is at stake.

        Args:
            amounts: Of the records, float `(n, columns)` in the order of `columns`; None where there is no column.
            num_records: How many records there are.
        """

        def cost(term: CostTerm) -> np.ndarray:
            if term.column is None:
                return np.full(num_records, float(term.plus))
            assert amounts is not None
            return term.times * amounts[:, self.columns.index(term.column)].astype(np.float64) + term.plus

        return Stakes(cost(self.figures.miss), cost(self.figures.false_alarm), cost(self.figures.catch))


def unfit_amounts(amounts: np.ndarray) -> np.ndarray:
    """Tells which amounts no cost can be made of, bool like `amounts`: missing, negative, or more than 1e15."""
    return ~((amounts >= 0) & (amounts <= LARGEST_AMOUNT))
