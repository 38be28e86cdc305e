"""Samples the rows of a CSV table: all of a small one, pieces spread over a large one."""

import io
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile

from components.stratified_example_gen.csv.header import Header, read_header
from components.stratified_example_gen.csv.rows import MAX_ROW_BYTES, Kind, Row, parse_rows
from components.stratified_example_gen.table_files import open_bytes
from components.stratified_example_gen.table_sample import WHOLE_BYTES, TableSample
from core.errors import InputError

_NUM_PIECES = 24
# A piece may begin inside a quoted cell; then next to none of its rows have the header's width.
_FITTING_SHARE = 0.9


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
    defects: Counter[Kind] = Counter()
    read_bytes, whole = 0, True
    headers = {file: read_header(file) for file in files}
    names = headers[files[0]].columns
    for file, header in headers.items():
        budget = max(1, whole_bytes * os.path.getsize(file) // max(1, total))
        for piece in _pieces(file, header.body, budget):
            found, bad = _rows(piece, header)
            if piece.begins_a_row or len(found) >= _FITTING_SHARE * (len(found) + bad.total()):
                rows += found
                defects += bad
                read_bytes += len(piece.text)
            whole = whole and piece.is_all
    if not rows:
        raise InputError(f"{files[0]}: the table has no rows that fit its header of {len(names)} columns.")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    estimated = len(rows) if whole else max(len(rows), round(len(rows) * total / read_bytes))
    return TableSample(
        columns,
        len(rows),
        defects.pop("fields", 0) + defects.pop("quote", 0),
        whole,
        estimated,
        os.path.dirname(files[0]),
        headers[files[0]].delimiter,
        unreadable=dict(defects),
        headers=headers,
    )


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
    return text.decode(errors="surrogateescape")


def _rows(piece: _Piece, header: Header) -> tuple[list[list[str]], Counter[Kind]]:
    """Returns the rows that can be used, and the number of the others by what is wrong with them."""
    rows = _parsed(piece.text, header)
    if not piece.begins_a_row:
        rows = list(dropwhile(lambda row: len(row.cells) != len(header.columns), rows))
    if not piece.is_all:
        rows = rows[:-1]  # The piece may end inside a quoted cell, that is, with half a row.
    return [row.cells for row in rows if row.defect is None], Counter(
        row.defect.kind for row in rows if row.defect is not None
    )


def _parsed(text: str, header: Header) -> list[Row]:
    """Reads the rows that are not blank."""
    rows = parse_rows(io.StringIO(text, newline=""), header.delimiter, header.columns)
    return [row for row in rows if row.cells]
