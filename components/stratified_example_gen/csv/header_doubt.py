"""Checks whether a table's first row is its header, or a record that was taken for one."""

from collections.abc import Sequence
from itertools import pairwise

from components.stratified_example_gen.columns import is_number

_LEAST_SHARE = 0.5


def is_data(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str | None:
    """Says why the names of the columns look like a row of data, or returns None.

    A name is suspicious that is a number above numbers, or that the column below holds as a value. At least half of
    the columns must be suspicious, and not merely be numbered: 0, 1, 2 or 2019, 2020 are good names.

    Args:
        names: The first row.
        rows: Those behind it; of another number of cells, they are not looked at.

    Returns:
        A clause, such as `'5.1', '3.5' stand above numbers and 'setosa' is a value of its column`.
    """
    # A row that repeats the header says nothing of it: files were joined, headers and all.
    rows = [row for row in rows if len(row) == len(names) and list(row) != list(names)]
    if not rows:
        return None
    numbers, values = [], []
    for name, *cells in zip(map(str.strip, names), *rows, strict=True):
        cells = [cell.strip() for cell in cells]
        if not name:
            continue
        if _is_number(name):
            if all(_is_number(cell) for cell in cells if cell) and any(cells):
                numbers.append(name)
        elif name in cells:
            values.append(name)
    if len(numbers) + len(values) < max(1, _LEAST_SHARE * len(names)) or (
        not values and _is_numbering(numbers)
    ):
        return None
    found = []
    if numbers:
        found.append(f"{_listed(numbers)} {'stands' if len(numbers) == 1 else 'stand'} above numbers")
    if values:
        what = "is a value of its column" if len(values) == 1 else "are values of their columns"
        found.append(f"{_listed(values)} {what}")
    return " and ".join(found)


def doubted(name: str, why: str) -> str:
    """Makes a note for people of what `is_data` says of a file."""
    return (
        f"{name}: the first row is read as the names of the columns, but looks like data: {why}. "
        "If the table has no header, put one above it, or its first record is lost."
    )


def _is_number(cell: str) -> bool:
    return is_number(cell.replace(",", ".", 1))


def _is_numbering(names: Sequence[str]) -> bool:
    """Tells whether names are whole numbers in even steps."""
    if len(names) < 2 or not all(name.isascii() and name.isdigit() and len(name) < 10 for name in names):
        return False
    return len({int(after) - int(before) for before, after in pairwise(names)}) == 1 and len(set(names)) > 1


def _listed(names: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
