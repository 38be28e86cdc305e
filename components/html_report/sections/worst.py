"""Section on the worst mistakes: records the model was surest about and wrong."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from components.html_report.report_inputs import ReportInputs

if TYPE_CHECKING:  # It imports TensorFlow, which a page does not need.
    from components.html_report.records.worst_records import WrongRecord


def worst_mistakes(inputs: ReportInputs) -> Sequence["WrongRecord"] | None:
    """Returns the records; None where there are none."""
    return inputs.worst or None
