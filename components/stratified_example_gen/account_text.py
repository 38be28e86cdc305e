"""Writes the account of the data in sentences, for the terminal and the report."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.documents.split_summary import (
    Account,
    AppliedCorrections,
    ColumnAccount,
    LeftOutThing,
    RecordCounts,
    SplitSummary,
)
from core.printable import listed, printable

# Of a class; less is what any data lose.
_NOTABLE_LOSS = 0.02
_SHOWN = 5
_COLUMNS_SHOWN = 12


@dataclass(frozen=True)
class ClassRow:
    """What became of a class's records.

    Attributes:
        name: The class.
        found: Its records.
        used: Those in a split.
        left_out: The others.
        why: Why they are left out.
        splits: Records in each split.
    """

    name: str
    found: int
    used: int
    left_out: int
    why: str
    splits: tuple[int, ...]


def class_rows(summary: SplitSummary) -> list[ClassRow]:
    """Returns a row for each class, the rarest first.

    Raises:
        ValueError: The summary holds no account.
    """
    rows = []
    for name, counts in _account(summary).classes.items():
        in_splits = summary.classes.get(name, {})
        rows.append(
            ClassRow(
                name=name,
                found=counts.found,
                used=counts.used,
                left_out=counts.found - counts.used,
                why=_reasons(counts),
                splits=tuple(in_splits.get(split, 0) for split in summary.splits),
            )
        )
    return sorted(rows, key=lambda row: (row.found, row.name))


def sentences(summary: SplitSummary) -> list[str]:
    """Says what was found, what is used, and what is left out and why; one sentence or more a line."""
    total, duplicates = _account(summary).records, summary.duplicates
    left_out = total.found - total.used
    why = f" ({_reasons(total)})" if left_out else ""
    said = [f"Records: {total.found:,} found, {total.used:,} used, {left_out:,} left out{why}."]
    if total.repeats and duplicates.policy != "drop":
        said.append(
            f"{_counted(total.repeats, 'repeat')} of another record, class included: used with their weight, equal "
            "ones in one split (data.duplicates: keep_together)."
        )
    if total.moved:
        said.append(
            f"{_counted(total.moved, 'record')} put into another split than the data ask for, as an equal one is "
            f"held out there: {_moved_by_class(_account(summary))}."
        )
    said += _corrections(summary.corrections)
    said += _listed_things("bad record", summary.skipped, summary.skipped_count)
    said += _listed_things("file", summary.files_left_out, summary.files_left_out_count)
    said += _columns(summary.columns)
    return [*said, *map(printable, summary.notes)]


def losses(summary: SplitSummary) -> list[str]:
    """Says of every class that loses more than 2 % of its records how many, and why; the hardest hit first."""
    hit = [row for row in class_rows(summary) if row.left_out > _NOTABLE_LOSS * row.found]
    hit.sort(key=lambda row: -row.left_out / row.found)
    total = _account(summary).records
    said = [
        f"Class {printable(row.name)!r} keeps {row.used:,} of {row.found:,} records: {row.why}. Its share "
        f"of the data becomes {row.used / max(total.used, 1):.3f} instead of {row.found / total.found:.3f}."
        for row in hit[:_SHOWN]
    ]
    if len(hit) > _SHOWN:
        said.append(
            f"{len(hit) - _SHOWN:,} more classes lose more than {_NOTABLE_LOSS:.0%} of their records."
        )
    if said and total.duplicates and summary.duplicates.policy == "drop":
        said[-1] += " To keep repeats, set data.duplicates to keep_together."
    return said


def _account(summary: SplitSummary) -> Account:
    if summary.account is None:
        raise ValueError("Expected a summary with an account of the records.")
    return summary.account


def _counted(count: int, singular: str) -> str:
    return f"{count:,} {singular}{'' if count == 1 else 's'}"


def _reasons(counts: RecordCounts) -> str:
    reasons = [
        (counts.duplicates, "repeat another and are dropped"),
        (counts.bad, "cannot be used"),
        (counts.in_gap, "lie in the gap before a split"),
        (counts.continuing, "have a group that goes on in a later split"),
        (counts.removed, "are left out by data.corrections"),
    ]
    return ", ".join(f"{count:,} {reason}" for count, reason in reasons if count)


def _moved_by_class(account: Account) -> str:
    hit = sorted(
        ((name, counts) for name, counts in account.classes.items() if counts.moved),
        key=lambda item: -item[1].moved / item[1].found,
    )
    return listed([f"{name}: {counts.moved:,} of {counts.found:,}" for name, counts in hit], _SHOWN)


def _listed_things(what: str, things: Sequence[LeftOutThing], count: int) -> list[str]:
    if not count:
        return []
    shown = "; ".join(printable(f"{one.where} {one.why}") for one in things[:_SHOWN])
    more = f"; and {count - _SHOWN:,} more, in splits.csv" if count > _SHOWN else ""
    return [f"{_counted(count, what)} left out: {shown}{more}."]


def _corrections(applied: AppliedCorrections | None) -> list[str]:
    if applied is None:
        return []
    kinds = [
        f"{was} to {label}: {count:,}"
        for was, labels in applied.changes.items()
        for label, count in labels.items()
    ]
    said = (
        f"Corrections of {printable(applied.file)}: {_counted(applied.relabelled, 'record')} of another class"
        f"{f' ({listed(kinds)})' if kinds else ''}, {applied.left_out:,} left out, {applied.confirmed:,} confirmed."
    )
    shown = "; ".join(
        printable(f"{one.key} {f'is {one.label}, not {one.was}' if one.label else 'is left out'}")
        for one in applied.shown[:_SHOWN]
    )
    more = applied.relabelled + applied.left_out - _SHOWN
    return [
        said,
        *([f"{shown}{f'; and {more:,} more, in splits.csv' if more > 0 else ''}."] if shown else []),
    ]


def _columns(columns: ColumnAccount | None) -> list[str]:
    # A folder of images has none.
    if columns is None or not (columns.used or columns.left_out):
        return []
    used = [f"{name} ({role})" for name, role in columns.used.items()]
    said = [f"{_counted(len(used), 'column')} used: {listed(used, _COLUMNS_SHOWN)}."]
    if columns.left_out:
        left = [f"{name} ({why})" for name, why in columns.left_out.items()]
        said.append(f"{_counted(len(left), 'column')} left out: {listed(left, _COLUMNS_SHOWN)}.")
    return said
