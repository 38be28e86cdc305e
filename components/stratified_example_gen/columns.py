"""What a table's columns hold: numbers or categories, found out from every cell."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from components.errors import InputError

Role = Literal["integer", "number", "category"]

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
# No digit can be matched in two ways, or a text of many digits would take time by the square of their number.
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_LARGEST = 3.4028234663852886e38  # of float32, which numbers are stored as
# A column with this share of numbers is taken for a numeric one with slips in it.
_ALMOST_ALL = 0.95


def is_integer(cell: str) -> bool:
    """Tells whether a cell is a whole number that int64 holds."""
    return _INTEGER.fullmatch(cell) is not None


def is_number(cell: str) -> bool:
    """Tells whether a cell is a decimal number that float32 holds."""
    return _NUMBER.fullmatch(cell) is not None and abs(float(cell)) <= _LARGEST


@dataclass
class Tally:
    """Counts of what a column's cells hold.

    Attributes:
        missing: Cells without a value.
        integers: Cells with a whole number.
        numbers: Cells with another number.
        texts: All other cells.
        first_text: `(record's key, cell)` of the first of these, or None.
    """

    missing: int = 0
    integers: int = 0
    numbers: int = 0
    texts: int = 0
    first_text: tuple[str, str] | None = None

    def add(self, key: str, cell: str | None) -> None:
        if cell is None:
            self.missing += 1
        elif is_integer(cell):
            self.integers += 1
        elif is_number(cell):
            self.numbers += 1
        else:
            self.texts += 1
            self.first_text = self.first_text or (key, cell)

    def merge(self, other: "Tally") -> "Tally":
        return Tally(
            self.missing + other.missing,
            self.integers + other.integers,
            self.numbers + other.numbers,
            self.texts + other.texts,
            self.first_text or other.first_text,
        )


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
        Column to role, in the order of `tallies`. A column outside explicit lists has none.

    Raises:
        InputError: Where a column left to "auto" is numbers but for a few cells.
    """
    roles: dict[str, Role] = {}
    for column, tally in tallies.items():
        numbers = tally.integers + tally.numbers
        present = numbers + tally.texts
        if categorical != "auto" and column in categorical:
            roles[column] = "category"
        elif (numeric != "auto" and column in numeric) or (
            numeric == "auto" and tally.texts == 0 and numbers
        ):
            roles[column] = "integer" if tally.numbers == 0 else "number"
        elif categorical == "auto" and (tally.texts or not present):
            if numeric == "auto" and present and numbers / present >= _ALMOST_ALL:
                assert tally.first_text is not None
                key, cell = tally.first_text
                raise InputError(
                    f"Column {column!r} holds numbers in {numbers} of {present} cells, but {cell!r} in {key}. "
                    f"Mend the cell, leave it empty if it is missing, or name the column in data.categorical."
                )
            roles[column] = "category"
    return roles
