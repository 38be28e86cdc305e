"""Reads CSV tables in pieces of bytes, each on its own."""

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from components.errors import InputError
from components.stratified_example_gen.decimal_mark import (
    Mark,
    column_evidence,
    column_marks,
    to_point,
    unclear_notes,
)
from components.stratified_example_gen.records import BadRecord, Chunk, Record
from components.stratified_example_gen.table import Table, matching_files, open_bytes
from components.stratified_example_gen.utf8 import is_utf8

BYTES_PER_CHUNK = 16 * 2**20
MAX_ROW_BYTES = 16 * 2**20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Header:
    """The first row of a table, and how its cells are set apart.

    Attributes:
        columns: Names. A column without one is called "Unnamed: i", i counted from 0, as pandas does.
        delimiter: One of comma, semicolon, tab, bar.
        body: Offset of the first byte under the header.
    """

    columns: tuple[str, ...]
    delimiter: str
    body: int


def read_header(path: str) -> Header:
    """Reads a CSV file's header.

    Raises:
        InputError: Where the file is missing or empty, is no UTF-8, or names a column twice.
    """
    if not os.path.isfile(path):
        state = "is a folder" if os.path.isdir(path) else "does not exist"
        raise InputError(f"data.path: the table {path!r} {state}. Name a CSV file.")
    with open_bytes(path) as handle:
        start = len(_BOM) if handle.read(len(_BOM)) == _BOM else 0
    first_rows = {mark: next(read_rows(path, start, mark), ([], start)) for mark in ",;\t|"}
    delimiter = max(first_rows, key=lambda mark: len(first_rows[mark][0]))
    names, body = first_rows[delimiter]
    if not is_utf8("".join(names)):
        raise InputError(f"{path}: the header is not UTF-8 text. Save the table as UTF-8.")
    if len(names) <= 1 and not "".join(names).strip():
        raise InputError(f"{path}: the table is empty, or no CSV. Its first row must name the columns.")
    columns = tuple(name.strip() or f"Unnamed: {position}" for position, name in enumerate(names))
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise InputError(
            f"{path}: the header names {', '.join(map(repr, twice))} more than once. Rename one."
        )
    return Header(columns, delimiter, body)


def read_rows(path: str, start: int, delimiter: str) -> Iterator[tuple[list[str], int]]:
    """Reads the rows of a table without ever holding more than one of at most `MAX_ROW_BYTES`.

    Args:
        path: The CSV file.
        start: Offset of a row's first byte.
        delimiter: What sets cells apart.

    Yields:
        A row, and the offset behind it. A row that csv refuses is empty; a byte that is not UTF-8 is a lone
        surrogate.

    Raises:
        InputError: Where one row is longer than `MAX_ROW_BYTES`.
    """
    with open_bytes(path) as handle:
        handle.seek(start)
        text = io.TextIOWrapper(handle, "utf-8", errors="surrogateescape", newline="")
        offset = row_start = start

        def lines() -> Iterator[str]:
            nonlocal offset
            while line := text.readline(MAX_ROW_BYTES + 1):
                # Python knows of a text whether it is ASCII, without looking at it.
                offset += len(line if line.isascii() else line.encode(errors="surrogateescape"))
                if offset - row_start > MAX_ROW_BYTES:
                    raise InputError(
                        f"{path}: the row at byte {row_start} is longer than {MAX_ROW_BYTES} bytes. "
                        "Look for a quote that is never closed."
                    )
                yield line

        rows = csv.reader(lines(), delimiter=delimiter)
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error:
                row = []
            yield row, offset
            row_start = offset


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
        InputError: Where one row is longer than `MAX_ROW_BYTES`.
    """
    pieces = []
    start, end, first_row = body, body, 1  # of the piece being gathered
    for number, (_, end) in enumerate(read_rows(path, body, delimiter), start=1):
        if end - start >= bytes_per_chunk:
            pieces.append((start, end, first_row))
            start, first_row = end, number + 1
    if end > start:
        pieces.append((start, end, first_row))
    return pieces


@dataclass(frozen=True)
class CsvTable(Table):
    """CSV files as a source of records; see Table.

    Attributes:
        bytes_per_chunk: See `row_boundaries`.
    """

    bytes_per_chunk: int = BYTES_PER_CHUNK

    def chunks(self) -> list[Chunk]:
        return [
            Chunk(split, (path,), *piece)
            for split, pattern in self.files.items()
            for path in matching_files(pattern)
            for header in [read_header(path)]
            for piece in row_boundaries(path, header.body, self.bytes_per_chunk, header.delimiter)
        ]

    def read(self, chunk: Chunk) -> Iterator[Record | BadRecord]:
        path, name = chunk.files[0], self.file_name(chunk)
        header = read_header(path)
        with open_bytes(path) as handle:
            handle.seek(chunk.start)
            # A byte that is not UTF-8 becomes a lone surrogate, so that its row alone is refused.
            text = handle.read(chunk.end - chunk.start).decode(errors="surrogateescape")
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=header.delimiter)
        marks, _ = self._marks(header.delimiter)
        rewritten = [column for column in self.columns if marks[column] != "point"]
        number = chunk.first_row - 1
        while True:
            number += 1
            key = f"{name}, row {number}"
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRecord(key, f"cannot be read ({error})")
                continue
            if not row:
                continue
            if len(row) != len(header.columns):
                amount = "too many" if len(row) > len(header.columns) else "too few"
                yield BadRecord(
                    key, f"has {amount} fields: {len(row)}, where the header has {len(header.columns)}"
                )
                continue
            cells = dict(zip(header.columns, row, strict=True))
            try:
                # A class, a group or an image's name keeps its spelling.
                cells |= {column: to_point(cells[column], marks[column]) for column in rewritten}
            except ValueError as error:
                yield BadRecord(key, f"cannot be read ({error})")
                continue
            yield self.record(key, cells, chunk.split, os.path.dirname(path))

    def notes(self) -> list[str]:
        """Says how numbers are read whose comma may mean either."""
        first = read_header(matching_files(next(iter(self.files.values())))[0])
        _, notes = self._marks(first.delimiter)
        return [notes[column] for column in self.columns if column in notes]

    def _marks(self, delimiter: str) -> tuple[dict[str, Mark], dict[str, str]]:
        """Tells what comma and point mean in each column, and what is to be said of it.

        It goes by all files of a table: one alone may leave it open.
        """
        paths = [path for pattern in self.files.values() for path in matching_files(pattern)]
        states = ((path, os.stat(path)) for path in paths)
        files = tuple((path, state.st_size, state.st_mtime_ns) for path, state in states)
        return _marks_of(files, self.columns)[delimiter]


@lru_cache(maxsize=16)
def _marks_of(
    files: tuple[tuple[str, int, int], ...], columns: tuple[str, ...]
) -> dict[str, tuple[dict[str, Mark], dict[str, str]]]:
    headers = {path: read_header(path) for path, _, _ in files}
    marks = {}
    for delimiter in {header.delimiter for header in headers.values()}:
        alike = {path: header for path, header in headers.items() if header.delimiter == delimiter}
        bodies = {path: header.body for path, header in alike.items()}
        evidence = column_evidence(bodies, next(iter(alike.values())).columns, delimiter)
        # A column that is not used, the label and their like are never refused for their numbers.
        evidence = {column: evidence[column] for column in columns}
        decided = column_marks(evidence, delimiter)
        marks[delimiter] = decided, unclear_notes(evidence, decided)
    return marks
