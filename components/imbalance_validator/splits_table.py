"""Looks records up in `splits.csv`, which holds their keys and groups as people know them."""

from collections.abc import Collection, Iterable

import numpy as np

from components.imbalance_validator.digests import text_digests
from core.spreadsheet_csv import read_spreadsheet

_ROWS_AT_ONCE = 50_000


def digest(text: str) -> tuple[int, ...]:
    """Digests a key or a group as the examples' keys are digested."""
    return tuple(text_digests([_encoded(text)])[0].tolist())


def names_of(
    table: Iterable[str], column: str, digests: Collection[tuple[int, ...]]
) -> dict[tuple[int, ...], str]:
    """Finds the texts of some digests.

    Args:
        table: The lines of `splits.csv`.
        column: `key` or `group`.
        digests: What to look for.

    Returns:
        Digest to text, as far as found.
    """
    wanted = set(digests)
    found: dict[tuple[int, ...], str] = {}
    for row in read_spreadsheet(table):
        if len(found) == len(wanted):
            break
        name = digest(row[column])
        if name in wanted:
            found[name] = row[column]
    return found


def groups_of(table: Iterable[str], keys: np.ndarray) -> np.ndarray:
    """Finds the group of each record.

    Args:
        table: The lines of `splits.csv`.
        keys: uint64 `(records, 2)`, digests of the records' keys.

    Returns:
        uint64 `(records, 2)`, digests of the groups; a record that the table does not hold is one of its own.
    """
    order = np.lexsort(keys.T)
    first = keys[order, -1]  # lexsort sorts by its last key first.
    groups = keys.copy()
    rows: list[tuple[bytes, bytes]] = []

    def place() -> None:
        listed = text_digests([key for key, _ in rows])
        spots = np.minimum(np.searchsorted(first, listed[:, -1]), len(keys) - 1)
        known = (keys[order[spots]] == listed).all(axis=1)
        groups[order[spots[known]]] = text_digests([group for _, group in rows])[known]
        rows.clear()

    for row in read_spreadsheet(table):
        rows.append((_encoded(row["key"]), _encoded(row["group"])))
        if len(rows) == _ROWS_AT_ONCE:
            place()
    if rows and len(keys):
        place()
    return groups


def _encoded(text: str) -> bytes:
    # The name of a file need not be UTF-8.
    return text.encode(errors="surrogateescape")
