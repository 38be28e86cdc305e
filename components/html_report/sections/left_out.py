"""Section on what was found in the data and not used."""

from collections.abc import Sequence
from dataclasses import dataclass

from components.html_report.report_inputs import ReportInputs
from components.stratified_example_gen.account_text import ClassRow, class_rows, losses, sentences
from core.documents.split_summary import (
    AppliedCorrections,
    ColumnAccount,
    Duplicates,
    LeftOutThing,
    NearDuplicates,
    SplitSummary,
)

FILES_SHOWN = 50
SKIPPED_SHOWN = 50


@dataclass(frozen=True)
class AccountView:
    """The account of the data.

    Attributes:
        rows: What became of each class.
        losses: Sentences on the classes that lose most.
        sentences: Sentences on all else.
        columns: Columns used and left out, or None.
        files: The first things that are no records.
        num_files: Number of these.
    """

    rows: list[ClassRow]
    losses: list[str]
    sentences: list[str]
    columns: ColumnAccount | None
    files: Sequence[LeftOutThing]
    num_files: int


@dataclass(frozen=True)
class LeftOut:
    """What the section shows.

    Attributes:
        account: The account; None where the data were read by a generator that keeps none.
        duplicates: Records equal to another.
        near_duplicates: Images that look alike.
        skipped: The first bad records.
        skipped_count: Number of these.
        corrections: What a person said of records, or None.
    """

    account: AccountView | None
    duplicates: Duplicates
    near_duplicates: NearDuplicates
    skipped: Sequence[LeftOutThing]
    skipped_count: int
    corrections: AppliedCorrections | None


def left_out(inputs: ReportInputs) -> LeftOut:
    """Returns what was found and not used."""
    summary = inputs.split_summary
    return LeftOut(
        account=None if summary.account is None else _account(summary),
        duplicates=summary.duplicates,
        near_duplicates=summary.near_duplicates,
        skipped=summary.skipped[:SKIPPED_SHOWN],
        skipped_count=summary.skipped_count,
        corrections=summary.corrections,
    )


def _account(summary: SplitSummary) -> AccountView:
    return AccountView(
        rows=class_rows(summary),
        losses=losses(summary),
        sentences=sentences(summary),
        columns=summary.columns,
        files=summary.files_left_out[:FILES_SHOWN],
        num_files=summary.files_left_out_count,
    )
