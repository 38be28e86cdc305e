"""Reads a file of corrections: records by their keys, and what they really are."""

from dataclasses import dataclass

from core.canonical_text import clean_text
from core.errors import InputError
from core.printable import listed, shortened
from core.spreadsheet_csv import read_spreadsheet

_COLUMNS = ("key", "label")
_WAS = "was"


@dataclass(frozen=True)
class Correction:
    """What a person said of a record.

    Attributes:
        label: Its class, or None where the record is to be left out.
        was: The class that it had when it was looked at, or None where that is not said.
    """

    label: str | None
    was: str | None = None


def read_corrections(path: str) -> dict[str, Correction]:
    """Reads a file of corrections, as the page of `counterpoise review` saves it.

    It is a CSV file, UTF-8, with the columns `key` and `label`, empty for a record to be left out; and perhaps `was`,
    the class that the record had then, by which a file that no longer fits the data is known. Other columns are refused,
    as a semicolon between columns would make one of all.

    Returns:
        Key to correction, in the order of the file.

    Raises:
        InputError: The file cannot be read, has other columns, or names a key twice or not at all.
    """
    place = f"data.corrections: {path}"
    try:
        with open(path, encoding="utf-8-sig", newline="") as handle:
            lines = list(handle)
    except (OSError, ValueError) as err:
        why = (
            "is not UTF-8 text"
            if isinstance(err, UnicodeError)
            else str(getattr(err, "strerror", err)).lower()
        )
        raise InputError(f"{place}: {why}. Name a CSV file with the columns key and label.") from err
    header = next(iter(read_spreadsheet([*lines[:1], *lines[:1]])), {})
    if not set(_COLUMNS) <= set(header) <= {*_COLUMNS, _WAS}:
        raise InputError(
            f"{place}: expected the columns key and label, and perhaps was, between commas. Received: "
            f"{listed([*map(repr, header)]) or 'none'}."
        )
    found: dict[str, Correction] = {}
    for number, row in enumerate(read_spreadsheet(lines), 1):
        key = row["key"]
        if not key or "label" not in row:
            raise InputError(
                f"{place}, row {number}: it has no {'label' if key else 'key'}. Write a row for each record: its key, a "
                "comma, and its class, or nothing behind the comma to leave the record out."
            )
        if key in found:
            raise InputError(
                f"{place}, row {number}: the key {shortened(key, 200)!r} stands in an earlier row, too. Keep one of them."
            )
        found[key] = Correction(clean_text(row["label"]) or None, clean_text(row.get(_WAS, "")) or None)
    return found
