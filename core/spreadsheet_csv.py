"""CSV files for people: written so that a spreadsheet takes no cell for a formula, and read back as they were."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

# What spreadsheets run, or skip before they look; the last four are the full-width forms.
_STARTS = r"[=+\-@\t\r\n\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}]"
_RISKY = re.compile(rf"'*{_STARTS}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


class _Sink(Protocol):
    def write(self, text: str, /) -> Any: ...


def neutralised(cell: Any) -> Any:
    """Puts an apostrophe in front of a text that a spreadsheet might run.

    That is the usual convention: spreadsheets show such a cell as text. A text is at risk that begins with one of
    `=`, `+`, `-`, `@`, a tab or a line break, or one of the full-width forms of these; that of a number, such as
    `-0.5`, is not. So that `restored` is exact, a text that has apostrophes in front of such a character gets one
    more. Everything else, and what is no text, stays as it is.

    Example: `=A1`, `-0.5`, `-x`, `'@x`, `'quoted'` become `'=A1`, `-0.5`, `'-x`, `''@x`, `'quoted'`.

    Reference:
        OWASP, CSV Injection.
    """
    if not isinstance(cell, str) or _RISKY.match(cell) is None or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"


def restored(cell: str) -> str:
    """Takes away the apostrophe that `neutralised` puts in front of a text."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell) else cell


class _LineFeeds:
    """Ends lines with a line feed alone.

    A writer that is asked for these leaves a cell with a carriage return unquoted, which readers take for two rows.
    """

    def __init__(self, handle: _Sink):
        self._handle = handle

    def write(self, line: str) -> None:
        self._handle.write(line.removesuffix("\r\n") + "\n")


class SpreadsheetWriter:
    """Writes rows as `csv.writer` does, every cell neutralised, and lines ending with a line feed."""

    def __init__(self, handle: _Sink):
        self._writer = csv.writer(_LineFeeds(handle), lineterminator="\r\n")

    def writerow(self, row: Iterable[Any]) -> None:
        self._writer.writerow(list(map(neutralised, row)))

    def writerows(self, rows: Iterable[Iterable[Any]]) -> None:
        for row in rows:
            self.writerow(row)


def read_spreadsheet(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """Reads what a SpreadsheetWriter wrote: column to the cell as it was, for every row under the header.

    Args:
        lines: Of the file, as of one opened with `newline=""`, or a carriage return becomes a line feed.
    """
    rows = csv.reader(lines)
    header: Sequence[str] = list(map(restored, next(rows, [])))
    for row in rows:
        if row:
            yield dict(zip(header, map(restored, row), strict=False))
