"""Section on curves: how well each class ranks above the others."""

from dataclasses import dataclass

from components.html_report.charts.curves import OPEN_CLASSES, ClassCurves, class_curves
from components.html_report.headline import rarest_first
from components.html_report.report_inputs import ReportInputs


@dataclass(frozen=True)
class Curves:
    """Curves of the classes, rarest first.

    Attributes:
        classes: The charts of each class.
        open_classes: So many of them are shown at once.
        has_other_classes: Whether there are more than two classes.
        has_baseline: Whether the last blessed model's curves are drawn too.
        num_records: Test records that they are drawn of.
        is_sample: Whether these are not all.
    """

    classes: list[ClassCurves]
    open_classes: int
    has_other_classes: bool
    has_baseline: bool
    num_records: int
    is_sample: bool


def curves(inputs: ReportInputs) -> Curves | None:
    """Returns the curves; None where none can be drawn."""
    records, metrics = inputs.records, inputs.metrics
    drawn = [] if records is None else class_curves(records, rarest_first(metrics))
    if records is None or not drawn:
        return None
    return Curves(
        classes=drawn,
        open_classes=OPEN_CLASSES,
        has_other_classes=len(metrics.per_class) > 2,
        has_baseline=records.baseline_probabilities is not None,
        num_records=len(records.labels),
        is_sample=len(records.labels) < metrics.n,
    )
