"""Section on augmentation: what was added to train and taken out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.html_report.number_format import percent
from components.html_report.report_inputs import ReportInputs
from core.documents.priors import Priors

if TYPE_CHECKING:  # They import TensorFlow, which a page does not need.
    from components.html_report.records.projection import Projection
    from components.html_report.records.synthetic_gallery import SyntheticImage


@dataclass(frozen=True)
class GrowthRow:
    """A class's records before and after, those made and removed, and its shares of train in words."""

    name: str
    before: int
    made: int
    removed: int
    after: int
    share_before: str
    share_after: str


@dataclass(frozen=True)
class Augmentation:
    """What augmentation did.

    Attributes:
        rows: Rarest class first.
        methods: What was asked for, by kind: `tabular` and `image`.
        notes: What was done otherwise, a sentence each.
        changed: Whether any record was made or removed.
        synthetic: Synthetic images beside their parents.
        projection: Real and synthetic rows on a plane, or None.
    """

    rows: list[GrowthRow]
    methods: dict[str, str]
    notes: Sequence[str]
    changed: bool
    synthetic: Sequence["SyntheticImage"]
    projection: "Projection | None"


def augmentation(inputs: ReportInputs) -> Augmentation:
    """Returns the counts before and after, and what was made."""
    priors = inputs.priors
    before = priors.counts.before
    rows = [_row(name, priors) for name in sorted(before, key=lambda name: (before[name], name))]
    asked = {kind: priors.strategy.get(kind) for kind in ("tabular", "image")}
    return Augmentation(
        rows=rows,
        methods={kind: str(method) for kind, method in asked.items() if method not in (None, "none")},
        notes=priors.notes,
        changed=any(row.made or row.removed for row in rows),
        synthetic=inputs.synthetic,
        projection=inputs.projection,
    )


def _row(name: str, priors: Priors) -> GrowthRow:
    return GrowthRow(
        name=name,
        before=priors.counts.before[name],
        made=priors.made[name],
        removed=priors.removed[name],
        after=priors.counts.after[name],
        share_before=percent(priors.priors.before[name], 1),
        share_after=percent(priors.priors.after[name], 1),
    )
