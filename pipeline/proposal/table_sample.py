"""The rows of a table that are looked at: all of a small one, pieces spread over a large one."""

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import dropwhile

from components.errors import InputError
from components.stratified_example_gen.csv_table import MAX_ROW_BYTES, Header, read_header
from components.stratified_example_gen.table import open_bytes

# What is read and looked at in about a second.
WHOLE_BYTES = 4 * 2**20
_NUM_PIECES = 24
# A piece may begin inside a quoted cell; then next to none of its rows have the header's width.
_FITTING_SHARE = 0.9


@dataclass(frozen=True)
class TableSample:
    """Some or all rows of a table.

    Attributes:
        columns: Column to the text of its cells, in the order of the file.
        num_rows: Number of rows in the sample.
        num_ragged: Number of rows left out, for they have more or fewer cells than the header.
        whole: Whether these are all rows.
        estimated_rows: Number of rows in the whole table; exact where `whole`.
        folder: Folder of the table.
        delimiter: What sets the cells apart in a CSV table; None elsewhere.
        pictures: Column that holds encoded images to some of these; empty where a cell is missing.
        may_name_images: Whether the pipeline looks for images by their path.
        unusable: Column whose cells are neither text nor pictures, and what they are.
    """

    columns: dict[str, tuple[str, ...]]
    num_rows: int
    num_ragged: int
    whole: bool
    estimated_rows: int
    folder: str
    delimiter: str | None = None
    pictures: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    may_name_images: bool = True
    unusable: dict[str, str] = field(default_factory=dict)


def sample_csv(files: list[str], whole_bytes: int = WHOLE_BYTES) -> TableSample:
    """Reads a sample of CSV files that share a header.

    Args:
        files: Their paths.
        whole_bytes: Up to this size, over all files, everything is read. Beyond it a quarter of as many
            bytes are read from the start and the rest in pieces spread evenly to the end, since rows are often
            sorted, by time or even by class. Of a packed file only the start is read.

    Raises:
        InputError: A header cannot be read, or there are no rows.
    """
    total = sum(os.path.getsize(file) for file in files)
    rows: list[list[str]] = []
    num_ragged, read_bytes, whole = 0, 0, True
    names: tuple[str, ...] = ()
    delimiter = ","
    for file in files:
        header = _header(file)
        delimiter = header.delimiter
        names = names or header.columns
        budget = max(1, whole_bytes * os.path.getsize(file) // max(1, total))
        for piece in _pieces(file, header.body, budget):
            found, ragged = _rows(piece, header)
            if piece.begins_a_row or len(found) >= _FITTING_SHARE * (len(found) + ragged):
                rows += found
                num_ragged += ragged
                read_bytes += len(piece.text)
            whole = whole and piece.is_all
    if not rows:
        raise InputError(f"{files[0]}: the table has no rows that fit its header of {len(names)} columns.")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    estimated = len(rows) if whole else max(len(rows), round(len(rows) * total / read_bytes))
    return TableSample(columns, len(rows), num_ragged, whole, estimated, os.path.dirname(files[0]), delimiter)


def _header(file: str) -> Header:
    try:
        return read_header(file)
    except csv.Error as err:
        raise InputError(f"{file}: the header cannot be read as CSV ({err}).") from err


@dataclass(frozen=True)
class _Piece:
    """Text of a file.

    Attributes:
        begins_a_row: Whether it is known to begin with a row.
        is_all: Whether it is all that stands under the header.
    """

    text: str
    begins_a_row: bool
    is_all: bool


def _pieces(file: str, body: int, budget: int) -> Iterator[_Piece]:
    packed = file.endswith(".gz")
    size = os.path.getsize(file)
    with open_bytes(file) as handle:
        handle.seek(body)
        if packed or size - body <= budget:
            text = handle.read(budget)
            is_all = not handle.read(1)
            yield _Piece(_decode(text if is_all else _to_last_row(text)), True, is_all)
            return
        head = budget // 4
        yield _Piece(_decode(_to_last_row(handle.read(head))), True, False)
        length = (budget - head) // _NUM_PIECES
        for number in range(1, _NUM_PIECES + 1):
            handle.seek(body + head + (size - body - head - length) * number // _NUM_PIECES)
            handle.readline(MAX_ROW_BYTES)  # The rest of the row that the piece begins in.
            yield _Piece(_decode(_to_last_row(handle.read(length))), False, False)


def _to_last_row(text: bytes) -> bytes:
    return text[: text.rfind(b"\n") + 1]


def _decode(text: bytes) -> str:
    return text.decode(errors="replace")


def _rows(piece: _Piece, header: Header) -> tuple[list[list[str]], int]:
    """Returns the rows of the header's width, and the number of the others."""
    width = len(header.columns)
    rows = list(_parsed(piece.text, header.delimiter))
    if not piece.begins_a_row:
        rows = list(dropwhile(lambda row: len(row) != width, rows))
    if not piece.is_all:
        rows = rows[:-1]  # The piece may end inside a quoted cell, that is, with half a row.
    fitting = [row for row in rows if len(row) == width]
    return fitting, len(rows) - len(fitting)


def _parsed(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yields the rows that are not blank; one that cannot be read is empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        try:
            for row in reader:
                if row:
                    yield row
            return
        except csv.Error:
            yield []
