"""Reads the rows of CSV text, and finds those that a stray quote has run together."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from components.stratified_example_gen.csv.not_a_csv import as_windows_1252
from components.stratified_example_gen.csv.utf8 import is_utf8
from components.stratified_example_gen.table_files import open_bytes
from core.errors import InputError

MAX_ROW_BYTES = 16 * 2**20
MOST_CHARACTERS = 131_072  # Of a cell.
# csv.reader of some versions ends a row at a zero byte. No text that was read holds this: it stands for a byte
# that is no UTF-8, and zero is.
_ZERO = "\udc00"
_SHOWN = 40
_PARTS_HELD = 1000  # Each line is an object of its own, of ten times its size where it is short.

# Reading goes on in the same place whatever a cell's length: a cell that is too long is refused below, and a limit
# of csv's own would end it in the middle, with its rest read as rows.
csv.field_size_limit(2**31 - 1)


Kind = Literal["quote", "fields", "zero", "size", "encoding"]


class Defect(NamedTuple):
    """Why a row cannot be used.

    Attributes:
        kind: `quote` for one that hides lines which may be rows.
        why: As a sentence without its subject.
    """

    kind: Kind
    why: str


class Row(NamedTuple):
    """A row as it stands in the text.

    Attributes:
        cells: None at all on a blank line, else as many as the header has unless there is a defect.
        text: It as it is written, with the line's end.
        num_lines: The lines it stands on: several where a quoted cell holds line breaks.
        defect: Why it cannot be used, or None.
    """

    cells: list[str]
    text: str
    num_lines: int
    defect: Defect | None = None


def parse_rows(lines: Iterable[str], delimiter: str, columns: Sequence[str] | None = None) -> Iterator[Row]:
    """Reads rows off lines.

    Line breaks inside a quoted cell are good CSV, and are read. A row of several lines is refused where nobody
    meant it: where its quote is never closed, where what closes it is followed by more than a delimiter (the quote
    was to open another cell), or where it has not the header's number of cells. It is refused as a whole: whether
    the lines that a stray quote hides are rows, or the text of one cell, is for a person to say.

    Args:
        lines: With their ends; a byte that is not UTF-8 is a lone surrogate.
        delimiter: What sets cells apart.
        columns: The header's names; None to take rows of any number of cells.
    """
    parts: list[str] = []
    num_lines = 0
    begun = False

    def fed() -> Iterator[str]:
        nonlocal num_lines, begun
        for line in lines:
            num_lines += 1
            parts.append(line)
            if num_lines % _PARTS_HELD == 0:
                parts[num_lines // _PARTS_HELD - 1 :] = ["".join(parts[num_lines // _PARTS_HELD - 1 :])]
            yield line.replace("\0", _ZERO) if "\0" in line else line
        begun = bool(parts)  # Asked for more than there is.

    width = None if columns is None else len(columns)
    for cells in csv.reader(fed(), delimiter=delimiter):
        text = parts[0] if len(parts) == 1 else "".join(parts)
        row = Row(cells, text, num_lines)
        parts.clear()
        num_lines = 0
        if begun or row.num_lines > 1 or len(cells) not in (0, width or len(cells)) or _is_odd(text):
            row = row._replace(defect=_defect(row, begun, delimiter, columns))
        yield row


def _is_odd(line: str) -> bool:
    """Tells whether a line may hold a cell that cannot be used."""
    return len(line) > MOST_CHARACTERS or "\0" in line or not (line.isascii() or is_utf8(line))


def _defect(row: Row, begun: bool, delimiter: str, columns: Sequence[str] | None) -> Defect | None:
    cells, behind = row.cells, row.num_lines - 1
    if begun:
        hidden = f", and all {behind} lines behind it stand in one cell" if behind else ""
        return Defect("quote", f"opens a quote that is never closed, at {_opening(cells)}{hidden}")
    width = None
    if columns is not None and len(cells) != len(columns):
        amount = "too many" if len(cells) > len(columns) else "too few"
        width = f"has {amount} fields: {len(cells)}, where the header has {len(columns)}"
    if behind and (width or not _closes_well(row.text, delimiter)):
        return Defect(
            "quote",
            f"opens a quote that is not closed where it should be, at {_opening(cells)}: it takes in "
            f"{'the line' if behind == 1 else f'the {behind} lines'} behind it, and "
            f"{width or 'ends at a quote amid a cell'}",
        )
    if width:
        return Defect("fields", width)
    names = columns or range(1, len(cells) + 1)
    return next(filter(None, map(_cell_defect, names, cells)), None)


def _cell_defect(column: str | int, cell: str) -> Defect | None:
    if _ZERO in cell:
        return Defect("zero", f"holds a zero byte (NUL) in column {column!r}")
    if len(cell) > MOST_CHARACTERS:
        size = f"{len(cell)} characters, more than {MOST_CHARACTERS}"
        return Defect("size", f"cannot be read as CSV (column {column!r} holds {size})")
    if not is_utf8(cell):
        read = _short(as_windows_1252(cell))
        return Defect("encoding", f"is not UTF-8 text: column {column!r} holds {read} if it is Windows-1252")
    return None


def _closes_well(text: str, delimiter: str) -> bool:
    """Tells whether behind every closing quote a delimiter or the row's end follows, spaces apart."""
    text = re.sub(rf'" +(?=[{re.escape(delimiter)}\r\n]|\Z)', '"', text.replace("\0", _ZERO))
    try:
        list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True


def _opening(cells: list[str]) -> str:
    """Shows where the quote opens: the start of the first cell that holds a line break, else of the last."""
    cell = next((cell for cell in cells if "\n" in cell or "\r" in cell), cells[-1])
    return _short('"' + (cell.splitlines() or [""])[0])


def _short(text: str) -> str:
    text = text.replace(_ZERO, "\0")
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def read_rows(
    path: str,
    start: int,
    delimiter: str,
    columns: Sequence[str] | None = None,
    first_row: int = 1,
    most_bytes: int | None = None,
) -> Iterator[tuple[Row, int]]:
    """Reads the rows of a table without ever holding more than one of them.

    Args:
        path: The CSV file.
        start: Offset of a row's first byte.
        delimiter: What sets cells apart.
        columns: As in `parse_rows`.
        first_row: Number of the first row for messages: 0 for the header, 1 for the one under it.
        most_bytes: The longest row; None for `MAX_ROW_BYTES`.

    Yields:
        A row, and the offset behind it.

    Raises:
        InputError: Where one row is longer than that, or the file cannot be read.
    """
    most = MAX_ROW_BYTES if most_bytes is None else most_bytes
    with open_bytes(path) as handle:
        handle.seek(start)
        text = io.TextIOWrapper(handle, "utf-8", errors="surrogateescape", newline="")
        offset = row_start = start
        number = first_row

        def lines() -> Iterator[str]:
            nonlocal offset
            while line := text.readline(most + 1):
                one_line = offset == row_start and '"' not in line
                # Python knows of a text whether it is ASCII, without looking at it.
                offset += len(line if line.isascii() else line.encode(errors="surrogateescape"))
                if offset - row_start > most:
                    name = f"row {number}" if number else "the header"
                    why = "is one line" if one_line else "opens a quote that is never closed, or far too late"
                    raise InputError(
                        f"{path}: {name}, at byte {row_start}, is longer than {most} bytes: it {why}."
                    )
                yield line

        for row in parse_rows(lines(), delimiter, columns):
            yield row, offset
            row_start = offset
            number += 1
