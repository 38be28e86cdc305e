"""Counts categories of new data that the model has never seen: another column, or another spelling."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from components.stratified_example_gen.records import BadRecord, Record
from core.canonical_text import canonical_category
from core.features import MISSING_CATEGORY, categories_vocabulary

_MOST = 0.5  # of a column's values
_SHOWN = 3
_LONGEST_SHOWN = 60


@dataclass
class ValueCounts:
    """What a column held.

    Attributes:
        present: Cells with a value.
        unknown: Those of them that the model has no category for.
        example: The first of these, as the model spells it, or None.
    """

    present: int = 0
    unknown: int = 0
    example: str | None = None

    def merge(self, other: "ValueCounts") -> "ValueCounts":
        example = other.example if self.example is None else self.example
        return ValueCounts(self.present + other.present, self.unknown + other.unknown, example)


class Vocabularies:
    """The categories that a model knows, column by column."""

    def __init__(self, model: str, categorical: Iterable[str]):
        """Reads them.

        Args:
            model: Folder of the SavedModel.
            categorical: All its categorical columns.
        """
        self._known: dict[str, dict[str, None]] = {}
        # In the order in which the model's vocabularies are numbered.
        for position, name in enumerate(sorted(categorical)):
            path = os.path.join(model, "assets", categories_vocabulary(position))
            self._known[name] = dict.fromkeys(one for one in _lines(path) if one != MISSING_CATEGORY)

    def watch(self, records: Iterable[Record | BadRecord], seen: dict[str, ValueCounts]) -> Iterator:
        """Passes records on and counts what they hold.

        Args:
            records: Records with a cell for every column.
            seen: Column to what it held; added to.
        """
        for record in records:
            if isinstance(record, Record):
                self._count(record, seen)
            yield record

    def _count(self, record: Record, seen: dict[str, ValueCounts]) -> None:
        for name, known in self._known.items():
            cell = record.cells[name]
            category = None if cell is None else canonical_category(cell)
            if category is None:
                continue
            column = seen.setdefault(name, ValueCounts())
            column.present += 1
            if category not in known:
                column.unknown += 1
                if column.example is None:
                    column.example = category

    def mostly_unknown(self, seen: Mapping[str, ValueCounts]) -> list[str]:
        """Says of which columns the model knows less than half of the values, a sentence each.

        A column of which it knows nothing at all, an id's, says nothing.
        """
        sentences = []
        for name, known in self._known.items():
            column = seen.get(name, ValueCounts())
            if known and column.example is not None and column.unknown > _MOST * column.present:
                examples = ", ".join(map(_shown, list(known)[:_SHOWN])) + (
                    ", …" if len(known) > _SHOWN else ""
                )
                sentences.append(
                    f"Column {name!r}: {column.unknown:,} of {column.present:,} values are unknown to the model, such "
                    f"as {_shown(column.example)}; it knows {examples}. Is it that column, spelled as in training?"
                )
        return sentences


def _lines(path: str) -> list[str]:
    if not os.path.isfile(path):
        # A model of another origin; nothing is said of it.
        return []
    with open(path, encoding="utf-8", errors="replace", newline="\n") as handle:
        return [line for line in handle.read().split("\n") if line]


def _shown(category: str) -> str:
    return repr(category) if len(category) <= _LONGEST_SHOWN else f"{category[:_LONGEST_SHOWN]!r}…"


def merge_counts(parts: Iterable[Mapping[str, ValueCounts]]) -> dict[str, ValueCounts]:
    """Adds up what pieces of the data held, in their order."""
    total: dict[str, ValueCounts] = {}
    for part in parts:
        for name, column in part.items():
            total[name] = total.get(name, ValueCounts()).merge(column)
    return total
