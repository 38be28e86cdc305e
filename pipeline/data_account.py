"""Prints what became of the data, as soon as it is known and before anything is trained."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from components.stratified_example_gen.account_text import class_rows, losses, sentences
from core.documents.split_summary import SplitSummary
from core.printable import printable

_CLASSES_SHOWN = 20


def show_account(summary: SplitSummary, console: Console) -> None:
    """Shows how many records of each class were found, used and left out, and what else is left out.

    Args:
        summary: What StratifiedExampleGen wrote of the data.
        console: Where it is shown.
    """
    console.print(_class_table(summary))
    for sentence in sentences(summary):
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)
    for sentence in losses(summary):
        console.print(
            f"Warning: {sentence}", style="bold yellow", markup=False, highlight=False, soft_wrap=True
        )


def _class_table(summary: SplitSummary) -> Table:
    rows = class_rows(summary)
    table = Table(title="The data by class, rarest first", title_justify="left", caption_justify="left")
    table.add_column("Class", overflow="fold")
    for heading in ("Found", "Used", "Left out", *(name.capitalize() for name in summary.splits)):
        table.add_column(heading, justify="right")
    for row in rows[:_CLASSES_SHOWN]:
        numbers = (row.found, row.used, row.left_out, *row.splits)
        table.add_row(Text(printable(row.name)), *(f"{number:,}" for number in numbers))
    if len(rows) > _CLASSES_SHOWN:
        table.caption = f"and {len(rows) - _CLASSES_SHOWN:,} more classes, in the report"
    return table


def append_losses(message: str, summary: SplitSummary | None) -> str:
    """Adds to the message of a failure what was left out of the data before, which may be its cause."""
    lost = losses(summary) if summary else []
    return "\n".join([message, *lost])
