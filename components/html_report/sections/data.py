"""Section on the data: how uneven the classes are."""

from dataclasses import dataclass

from components.html_report import number_format
from components.html_report.report_inputs import ReportInputs
from core.documents.split_summary import SplitSummary


@dataclass(frozen=True)
class BalanceRow:
    """A class's records.

    Attributes:
        name: The class.
        counts: Records in each split.
        share: Of train, in words.
        bar: Size in train beside the largest class, in per cent.
        deviation: Records that it misses its share of a split by at most; None where that does not apply.
    """

    name: str
    counts: list[int]
    share: str
    bar: float
    deviation: float | None


@dataclass(frozen=True)
class ClassBalance:
    """The classes, largest in train first, and how far apart they are.

    Attributes:
        splits: Names of the splits.
        rows: A row for each class.
        has_deviation: Whether any row has a deviation.
        totals: Records in each split.
        largest: The largest class in train.
        smallest: The smallest.
        smallest_count: Its records in train.
        ratio: Largest to smallest, in words.
    """

    splits: tuple[str, ...]
    rows: list[BalanceRow]
    has_deviation: bool
    totals: list[int]
    largest: str
    smallest: str
    smallest_count: int
    ratio: str


def class_balance(inputs: ReportInputs) -> ClassBalance:
    """Returns the classes with their counts.

    With groups, which stay whole, also how many records each class misses its shares by; without them it is
    never as much as one, and where the data come split there are no shares.
    """
    summary, splits = inputs.split_summary, inputs.split_summary.splits
    train = {name: counts.get("train", 0) for name, counts in summary.classes.items()}
    ordered = sorted(train, key=lambda name: (-train[name], name))
    has_groups = inputs.experiment.group is not None
    rows = [_row(name, train, summary, has_groups) for name in ordered]
    largest, smallest = train[ordered[0]], train[ordered[-1]]
    return ClassBalance(
        splits=splits,
        rows=rows,
        has_deviation=any(row.deviation is not None for row in rows),
        totals=[sum(row.counts[column] for row in rows) for column in range(len(splits))],
        largest=ordered[0],
        smallest=ordered[-1],
        smallest_count=smallest,
        ratio=f"{largest / smallest:,.1f}" if smallest else number_format.MISSING,
    )


def _row(name: str, train: dict[str, int], summary: SplitSummary, has_groups: bool) -> BalanceRow:
    largest, total = max(train.values()), sum(train.values())
    return BalanceRow(
        name=name,
        counts=[summary.classes[name].get(split, 0) for split in summary.splits],
        share=number_format.percent(train[name], total),
        bar=round(100 * train[name] / largest, 2) if largest else 0.0,
        deviation=summary.deviation.get(name) if has_groups else None,
    )
