"""Section on money: what the decisions cost, beside simpler ones."""

from dataclasses import dataclass

from components.html_report.charts.cost_curve import cost_curve_chart
from components.html_report.charts.square_chart import SquareChart
from components.html_report.report_inputs import ReportInputs
from core.documents.money import MoneyScores, PolicyCost
from core.documents.record_costs import RecordCostFigures


@dataclass(frozen=True)
class Money:
    """What the section shows.

    Attributes:
        costs: The costs that were asked for.
        scores: What came of them on test.
        rows: Ways to decide and what each costs, the rule first.
        contenders: Contenders that were measured, and what a record costs by each, decided by the same costs.
        chart: Cost over the threshold.
        leaves_to_person: Whether the model leaves records to a person, which is counted elsewhere.
    """

    costs: RecordCostFigures
    scores: MoneyScores
    rows: list[tuple[str, PolicyCost]]
    contenders: list[tuple[str, float]]
    chart: SquareChart
    leaves_to_person: bool


def money(inputs: ReportInputs) -> Money | None:
    """Returns what the decisions cost; None where no cost depends on the record."""
    scores, costs = inputs.metrics.money, inputs.metrics.decision.rule.costs
    if scores is None or costs is None:
        return None
    return Money(
        costs,
        scores,
        [
            ("the rule", scores.rule),
            ("the likeliest class", scores.argmax),
            (f"never {scores.class_name}", scores.always_no),
            (f"always {scores.class_name}", scores.always_yes),
        ],
        [
            (name, one.mean_cost)
            for name, one in inputs.metrics.contenders.items()
            if one.mean_cost is not None
        ],
        cost_curve_chart(scores),
        inputs.metrics.abstention is not None,
    )
