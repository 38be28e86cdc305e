"""Section on attention: what spoke for the model's decisions."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.html_report.report_inputs import ReportInputs

if TYPE_CHECKING:  # It imports TensorFlow, which a page does not need.
    from components.html_report.records.explanations import Explanations


@dataclass(frozen=True)
class Attention:
    """The explanations; None where the model cannot be looked into."""

    explanations: "Explanations | None"


def attention(inputs: ReportInputs) -> Attention | None:
    """Returns the explanations; None without test records to explain."""
    return None if inputs.records is None else Attention(inputs.explanations)
