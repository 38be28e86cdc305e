"""Decides what a table's columns hold, numbers or categories, from every cell."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from components.stratified_example_gen.number_spelling import is_integer, is_number, read_cell
from components.stratified_example_gen.rounding import Rounding
from core.errors import InputError

__all__ = ["Role", "Tally", "column_roles", "is_integer", "is_number", "merge_tallies", "shown"]

Role = Literal["integer", "number", "category"]

# A column with this share of numbers is taken for a numeric one with slips in it.
_ALMOST_ALL = 0.95
# Whole numbers up to here are whole numbers of float32 too.
_LARGEST_EXACT_FLOAT = 2**24
_LONGEST_SHOWN = 60
_MOST_KNOWN_TEXTS = 1000


def shown(cell: str) -> str:
    """Writes a cell for a message, in quotes, the end of a long one left out."""
    return repr(cell) if len(cell) <= _LONGEST_SHOWN else f"{cell[:_LONGEST_SHOWN]!r}…"


@dataclass
class Tally:
    """Counts of what a column's cells hold.

    Attributes:
        missing: Cells without a value.
        integers: Cells with a whole number.
        numbers: Cells with another number, or with a whole one written as another, as in `3.0`.
        texts: All other cells, but for the next two.
        words: Cells with a word that says missing among numbers, such as `-`.
        infinite: Cells with infinity, or a number that float32 does not hold.
        wholes: Those of `numbers` whose value is whole and fits int64.
        measures: Those of `texts` with a number and a currency, a unit, or marks that are not understood.
        first_text: `(record's key, cell)` of the first of `texts`, or None.
        first_word: Likewise of `words`.
        first_infinite: Likewise of `infinite`.
        first_measure: Likewise of `measures`.
        least: The least number, or None.
        greatest: The greatest.
        merged: See Rounding.
        checked: See Rounding.
        first_merged: See Rounding.
    """

    missing: int = 0
    integers: int = 0
    numbers: int = 0
    texts: int = 0
    words: int = 0
    infinite: int = 0
    wholes: int = 0
    measures: int = 0
    first_text: tuple[str, str] | None = None
    first_word: tuple[str, str] | None = None
    first_infinite: tuple[str, str] | None = None
    first_measure: tuple[str, str] | None = None
    least: float | None = None
    greatest: float | None = None
    merged: int = 0
    checked: int = 0
    first_merged: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        self._rounding = Rounding()
        self._known_texts: set[str] = set()

    @property
    def values(self) -> int:
        """Cells with a number."""
        return self.integers + self.numbers

    @property
    def present(self) -> int:
        """Cells with anything that is not missing in a category."""
        return self.values + self.texts + self.words + self.infinite

    @property
    def first_odd(self) -> tuple[str, str] | None:
        """The first cell that is no number: a text, or else a word that says missing among numbers."""
        return self.first_text or self.first_word

    @property
    def is_numeric(self) -> bool:
        """Whether it holds numbers alone, and what is missing among them.

        Where words are in the majority, they are what the column is about.
        """
        return self.texts == 0 and self.values + self.infinite > self.words

    def add(self, key: str, cell: str | None) -> None:
        if cell is None:
            self.missing += 1
            return
        # Texts come again, numbers do less.
        if cell in self._known_texts:
            self.texts += 1
            return
        kind, plain = read_cell(cell)
        if plain is not None:
            self._add_number(kind, plain)
        elif kind == "word":
            self.words += 1
            self.first_word = self.first_word or (key, cell)
        elif kind == "infinite":
            self.infinite += 1
            self.first_infinite = self.first_infinite or (key, cell)
        else:
            self.texts += 1
            self.first_text = self.first_text or (key, cell)
            if kind == "measure":
                self.measures += 1
                self.first_measure = self.first_measure or (key, cell)
            elif len(self._known_texts) < _MOST_KNOWN_TEXTS:
                self._known_texts.add(cell)

    def _add_number(self, kind: str, plain: str) -> None:
        value = float(plain)
        if kind == "integer":
            self.integers += 1
        else:
            self.numbers += 1
            self.wholes += kind == "whole"
        if self.least is None or self.greatest is None:
            self.least = self.greatest = value
        elif value < self.least:
            self.least = value
        elif value > self.greatest:
            self.greatest = value
        if self._rounding.is_full or (kind == "integer" and abs(value) <= _LARGEST_EXACT_FLOAT):
            return
        self._rounding.add(plain, value)
        self.checked, self.merged = self._rounding.checked, self._rounding.merged
        self.first_merged = self._rounding.first_merged

    def merge(self, other: "Tally") -> "Tally":
        def bounds(name: str) -> list[float]:
            return [bound for bound in (getattr(self, name), getattr(other, name)) if bound is not None]

        return Tally(
            **{name: getattr(self, name) + getattr(other, name) for name in _COUNTS},
            **{name: getattr(self, name) or getattr(other, name) for name in _FIRSTS},
            least=min(bounds("least"), default=None),
            greatest=max(bounds("greatest"), default=None),
        )

    def times(self, count: int) -> "Tally":
        """Returns the tally of as many cells of each kind, times `count`."""
        content = asdict(self)
        # A value that is there often is looked at once.
        once = ("merged", "checked")
        return Tally(**content | {name: content[name] * count for name in _COUNTS if name not in once})

    @classmethod
    def from_words(cls, words: Mapping[str, Any]) -> "Tally":
        """Reads what `dataclasses.asdict` made of a tally, and JSON of that."""
        firsts = {name: tuple(words[name]) for name in _FIRSTS if words[name] is not None}
        return cls(**{**words, **firsts})


_FIRSTS = tuple(field.name for field in fields(Tally) if field.name.startswith("first_"))
_COUNTS = tuple(field.name for field in fields(Tally) if field.type is int)


def merge_tallies(parts: Iterable[dict[str, Tally]]) -> dict[str, Tally]:
    """Adds up the tallies of pieces of one table, in the order given."""
    total: dict[str, Tally] = {}
    for part in parts:
        for column, tally in part.items():
            total[column] = total.get(column, Tally()).merge(tally)
    return total


def column_roles(
    tallies: dict[str, Tally],
    numeric: Iterable[str] | Literal["auto"],
    categorical: Iterable[str] | Literal["auto"],
) -> dict[str, Role]:
    """Decides what every column is to the model.

    Args:
        tallies: Column to what it holds.
        numeric: The experiment's numeric columns, or "auto" for those that hold numbers alone.
        categorical: Likewise; "auto" takes those that hold any text.

    Returns:
        Column to role, in the order of `tallies`: every column has one. Whole numbers are "integer", also those
        that are written as 1.6e12 where float32 could not tell them apart.

    Raises:
        InputError: Where a column left to "auto" is numbers but for a few cells, or one that is in no explicit list
            does not hold what is left to "auto".
    """
    roles: dict[str, Role] = {}
    for column, tally in tallies.items():
        if categorical != "auto" and column in categorical:
            roles[column] = "category"
        elif (numeric != "auto" and column in numeric) or (numeric == "auto" and tally.is_numeric):
            roles[column] = _number_role(tally)
        elif categorical == "auto" and not (numeric != "auto" and tally.is_numeric):
            if numeric == "auto":
                _refuse_slips(column, tally)
            roles[column] = "category"
        elif not tally.present:
            # Whatever it is called, it says nothing, and nothing of it is lost.
            roles[column] = "category"
        else:
            raise InputError(_why_unlisted(column, tally, numeric, categorical))
    return roles


def _number_role(tally: Tally) -> Role:
    if tally.numbers == 0:
        return "integer"
    furthest = max(abs(tally.least or 0.0), abs(tally.greatest or 0.0))
    return "integer" if tally.numbers == tally.wholes and furthest > _LARGEST_EXACT_FLOAT else "number"


def _refuse_slips(column: str, tally: Tally) -> None:
    numbers = tally.values + tally.infinite
    # Words in the majority are what the column is about.
    cells = tally.present - (tally.words if numbers > tally.words else 0)
    if tally.texts and numbers >= _ALMOST_ALL * cells:
        assert tally.first_text is not None
        key, cell = tally.first_text
        raise InputError(
            f"Column {column!r} holds numbers in {numbers} of {cells} cells, but {shown(cell)} in {key}. "
            f"Mend the cell, leave it empty if it is missing, or name the column in data.categorical."
        )


def _why_unlisted(
    column: str,
    tally: Tally,
    numeric: Iterable[str] | Literal["auto"],
    categorical: Iterable[str] | Literal["auto"],
) -> str:
    lists = [
        f"data.{name}"
        for name, value in (("numeric", numeric), ("categorical", categorical))
        if value != "auto"
    ]
    if tally.first_odd:
        key, cell = tally.first_odd
        numbers = f"numbers in {tally.values} of {tally.present} cells, but " if tally.values else ""
        holds = f"holds {numbers}{shown(cell)} in {key}"
    else:
        holds = "holds numbers"
    mend = (
        "Mend the cell, leave it empty if it is missing, or name" if tally.values and tally.texts else "Name"
    )
    return (
        f"Column {column!r} {holds}, and is not named in {' or '.join(lists)}. {mend} the column in data.numeric, "
        "data.categorical or data.drop."
    )
