"""Scans a whole CSV table once: where it can be cut, which classes it holds, which rows cannot be used."""

import csv
import functools
import io
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from components.stratified_example_gen.csv.header import Header, read_header
from components.stratified_example_gen.csv.rows import Defect, Kind, Row, parse_rows, read_rows
from components.stratified_example_gen.table_files import open_bytes

BYTES_PER_CHUNK = 16 * 2**20
_KEPT = 5
_FEWEST_HIDDEN = 3


@dataclass(frozen=True)
class Fault:
    """A row that cannot be used.

    Attributes:
        row: Its number, 1 for the one under the header.
        line: The line of the file on which it begins, 1 for the header's first.
        defect: What is wrong with it.
    """

    row: int
    line: int
    defect: Defect

    def __str__(self) -> str:
        return f"row {self.row} (line {self.line}) {self.defect.why}"


@dataclass(frozen=True)
class Folded:
    """A row whose quoted cells hold lines that would be rows on their own; it is read as the one row it is.

    Attributes:
        row: As in Fault.
        line: As in Fault.
        num_alike: Lines that have as many cells as the header: those between its first and its last, and these two
            where, but for the quotes, both have.
        labels: The classes these would have; None where a line between has another number of cells.
    """

    row: int
    line: int
    num_alike: int
    labels: frozenset[str] | None


@dataclass
class CsvScan:
    """What a table holds.

    Attributes:
        header: Its header.
        pieces: See `row_boundaries`.
        labels: Class to the number of usable rows.
        faults: The first rows with a defect of each kind, in the order of the table.
        fault_counts: Kind of defect to the number of rows.
        folded: See Folded.
        beyond_ascii: Whether a usable row has other characters than those of ASCII.
    """

    header: Header
    pieces: list[tuple[int, int, int]] = field(default_factory=list)
    labels: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    fault_counts: Counter[Kind] = field(default_factory=Counter)
    folded: list[Folded] = field(default_factory=list)
    beyond_ascii: bool = False

    def fault(self, kind: Kind) -> Fault | None:
        """Returns the first row with a defect of a kind."""
        return next((fault for fault in self.faults if fault.defect.kind == kind), None)

    def hidden(self) -> list[Folded]:
        """Returns the folded rows whose lines are rows of this very table, as the classes that they have show."""
        return [
            one
            for one in self.folded
            if one.num_alike >= _FEWEST_HIDDEN and one.labels is not None and one.labels <= self.labels.keys()
        ]


def scan_csv(path: str, label: str | None = None, bytes_per_chunk: int = BYTES_PER_CHUNK) -> CsvScan:
    """Goes through a table, or recalls what it found while the file is as it was.

    Args:
        path: The CSV file.
        label: Column of the class; where it is none of the table's, classes are not counted.
        bytes_per_chunk: See `row_boundaries`.

    Raises:
        InputError: The header or the file cannot be read, or a row is too long.
    """
    state = os.stat(path) if os.path.isfile(path) else None
    known = None if state is None else (state.st_size, state.st_mtime_ns, state.st_ino)
    return _scan(path, label, bytes_per_chunk, known)


@functools.lru_cache(maxsize=16)
def _scan(path: str, label: str | None, bytes_per_chunk: int, _: tuple[int, int, int] | None) -> CsvScan:
    header = read_header(path)
    scan = CsvScan(header)
    place = header.columns.index(label) if label in header.columns else None
    pieces = _Pieces(header.body, bytes_per_chunk)
    line = 1 + _num_lines(path, header.body)
    for number, (row, end) in enumerate(
        read_rows(path, header.body, header.delimiter, header.columns), start=1
    ):
        pieces.add(end)
        if row.defect is not None:
            scan.fault_counts[row.defect.kind] += 1
            if scan.fault_counts[row.defect.kind] <= _KEPT:
                scan.faults.append(Fault(number, line, row.defect))
        elif row.cells:
            if row.num_lines > 1:
                scan.folded += _folded(number, line, row, header, place)
            scan.beyond_ascii = scan.beyond_ascii or not row.text.isascii()
            if place is not None:
                scan.labels[row.cells[place]] += 1
        line += row.num_lines
    scan.pieces = pieces.all()
    return scan


def _num_lines(path: str, end: int) -> int:
    with open_bytes(path) as handle:
        return len(handle.read(end).splitlines())


def _folded(number: int, line: int, row: Row, header: Header, place: int | None) -> Iterator[Folded]:
    """Looks at the lines on their own: the first and the last, which hold parts of other cells, without quotes."""
    width = len(header.columns)
    if width < 2:
        return
    first, *lines, last = io.StringIO(row.text, newline="")
    between = [one.cells for one in parse_rows(lines, header.delimiter) if one.cells]
    alike = [cells for cells in between if len(cells) == width]
    ends = list(csv.reader([first, last], delimiter=header.delimiter, quoting=csv.QUOTE_NONE))
    if all(len(cells) == width for cells in ends):
        alike += ends
    if alike:
        labels = None if place is None else frozenset(cells[place] for cells in alike)
        yield Folded(number, line, len(alike), labels if len(alike) >= len(between) else None)


def row_boundaries(
    path: str, body: int, bytes_per_chunk: int = BYTES_PER_CHUNK, delimiter: str = ","
) -> list[tuple[int, int, int]]:
    """Cuts a table into pieces that begin and end between rows.

    Rows are told apart by the reader that later reads them: a quote inside an unquoted cell, as in
    `5" pipe`, opens nothing, which counting quotes would miss.

    Args:
        path: The CSV file.
        body: Offset of the first byte under the header.
        bytes_per_chunk: A piece ends at the first row that reaches this size.
        delimiter: What sets cells apart.

    Returns:
        `(start, end, number of the first row)` for each piece.

    Raises:
        InputError: Where one row is longer than `csv_rows.MAX_ROW_BYTES`.
    """
    pieces = _Pieces(body, bytes_per_chunk)
    for _, end in read_rows(path, body, delimiter):
        pieces.add(end)
    return pieces.all()


class _Pieces:
    """Gathers rows, by the offset behind each, into pieces."""

    def __init__(self, body: int, bytes_per_chunk: int):
        self._bytes_per_chunk = bytes_per_chunk
        self._done: list[tuple[int, int, int]] = []
        self._start = self._end = body
        self._first_row = self._num_rows = 1

    def add(self, end: int) -> None:
        self._end = end
        self._num_rows += 1
        if end - self._start >= self._bytes_per_chunk:
            self._done.append((self._start, end, self._first_row))
            self._start, self._first_row = end, self._num_rows

    def all(self) -> list[tuple[int, int, int]]:
        rest = [(self._start, self._end, self._first_row)] if self._end > self._start else []
        return self._done + rest
