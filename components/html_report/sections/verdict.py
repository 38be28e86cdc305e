"""Section on the verdict: whether the model may be served, why not, and what was asked of it."""

from dataclasses import dataclass

from components.evaluation.promotion_gate import CHECK_TITLES
from components.html_report.headline import Headline, headlines
from components.html_report.report_inputs import ReportInputs
from core.documents.metrics import GateCondition, Metrics

REASONS_SHOWN = 6


@dataclass(frozen=True)
class TitledCondition:
    """A condition of the promotion gate, and its check in words."""

    title: str
    condition: GateCondition


@dataclass(frozen=True)
class Verdict:
    """What the page says first.

    Attributes:
        metrics: What the run measured.
        headlines: The headline numbers.
        conditions: What the gate asked, what failed first.
        reasons_shown: So many reasons against the model are shown at once.
    """

    metrics: Metrics
    headlines: list[Headline]
    conditions: list[TitledCondition]
    reasons_shown: int = REASONS_SHOWN


def verdict(inputs: ReportInputs) -> Verdict:
    """Returns verdict, headline numbers and conditions."""
    return Verdict(inputs.metrics, headlines(inputs.metrics), failed_first(inputs.metrics.gate))


def failed_first(conditions: tuple[GateCondition, ...]) -> list[TitledCondition]:
    """Puts the conditions that failed first, and names each check in words."""
    ordered = sorted(conditions, key=lambda condition: condition.passed)
    return [TitledCondition(CHECK_TITLES.get(one.check, one.check), one) for one in ordered]
