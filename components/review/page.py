"""Writes what is to be looked at, as a page with boxes to tick and as a table."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components.html_report.report import hash_of_script, page_environment
from components.review.item import Item
from core.spreadsheet_csv import SpreadsheetWriter

COLUMNS = ("key", "where", "label", "suggested", "kind", "score", "reason")


@dataclass(frozen=True)
class Group:
    """A part of the page with a file of its own.

    Attributes:
        name: Of its anchors.
        title: Its heading.
        text: What is asked of the reader.
        noun: What is saved.
        file: What it is saved as.
        then: What to do with the file.
        items: Each with its number on the page.
    """

    name: str
    title: str
    text: str
    noun: str
    file: str
    then: str
    items: Sequence[tuple[int, Item]]


def render_review(
    name: str, items: Sequence[Item], classes: Sequence[str], notes: Sequence[str], table: str
) -> str:
    """Renders the page; it needs nothing beside itself, and runs no script but its own.

    Args:
        name: Of the experiment.
        items: What to look at, in order.
        classes: Names to choose from.
        notes: Sentences on what was looked at, and what was not.
        table: Name of the table that holds the same.
    """
    numbered = list(enumerate(items, 1))
    groups = (
        Group(
            "corrections",
            "Labels that may be wrong",
            "Say of each what it is, or leave it undecided. Records of rare and common classes take turns, the most "
            "doubtful first.",
            "corrections",
            "corrections.csv",
            "Put data.corrections: corrections.csv into the experiment, and run it again. The data themselves stay as "
            "they are.",
            [(number, one) for number, one in numbered if not one.is_new],
        ),
        Group(
            "labels",
            "New records worth a label",
            "Say of each what it is. What the model doubts, where a rare class is at stake, comes first, and no two that "
            "are alike; records unlike all that was trained on are among them.",
            "labels",
            "labels.csv",
            "Add these records with their labels to the data.",
            [(number, one) for number, one in numbered if one.is_new],
        ),
    )
    environment = page_environment(Path(__file__).parent / "templates")
    script = environment.get_template("review.js.j2").render()
    return environment.get_template("review.html.j2").render(
        name=name,
        items=items,
        groups=groups,
        classes=classes,
        notes=notes,
        table=table,
        script=script,
        script_hash=hash_of_script(script),
    )


def review_table(items: Sequence[Item]) -> str:
    """Writes the same as CSV, with COLUMNS."""
    text = io.StringIO()
    writer = SpreadsheetWriter(text)
    writer.writerow(COLUMNS)
    for one in items:
        writer.writerow(
            [one.key, one.where, one.label or "", one.suggested, one.kind, f"{one.score:.4f}", one.reason]
        )
    return text.getvalue()
