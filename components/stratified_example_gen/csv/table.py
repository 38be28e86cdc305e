"""Reads CSV tables in pieces of bytes, each on its own."""

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from components.stratified_example_gen.csv.decimal_mark import (
    Mark,
    column_evidence,
    column_marks,
    to_point,
    unclear_notes,
)
from components.stratified_example_gen.csv.header import Header, read_header
from components.stratified_example_gen.csv.notes import csv_notes
from components.stratified_example_gen.csv.rows import MAX_ROW_BYTES, parse_rows, read_rows
from components.stratified_example_gen.csv.scan import BYTES_PER_CHUNK, row_boundaries, scan_csv
from components.stratified_example_gen.records import BadRecord, Chunk, Record
from components.stratified_example_gen.table import Table, matching_files, open_bytes

__all__ = [
    "MAX_ROW_BYTES",
    "CsvTable",
    "Header",
    "read_header",
    "read_rows",
    "row_boundaries",
]
_MOST_FIRST_BYTES = 2**20


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
            for piece in scan_csv(path, self.label, self.bytes_per_chunk).pieces
        ]

    def notes(self) -> list[str]:
        scans = {
            self.file_name(Chunk(split, (path,))): scan_csv(path, self.label, self.bytes_per_chunk)
            for split, pattern in self.files.items()
            for path in matching_files(pattern)
        }
        _, of_marks = self._marks(next(iter(scans.values())).header.delimiter)
        return csv_notes(scans) + [of_marks[column] for column in self.columns if column in of_marks]

    def _marks(self, delimiter: str) -> tuple[dict[str, Mark], dict[str, str]]:
        """Tells what comma and point mean in each column, and what is to be said of it.

        It goes by all files of a table: one alone may leave it open.
        """
        paths = [path for pattern in self.files.values() for path in matching_files(pattern)]
        states = ((path, os.stat(path)) for path in paths)
        files = tuple((path, state.st_size, state.st_mtime_ns) for path, state in states)
        return _marks_of(files, self.columns)[delimiter]

    def read(self, chunk: Chunk) -> Iterator[Record | BadRecord]:
        path, name = chunk.files[0], self.file_name(chunk)
        header = read_header(path)
        with open_bytes(path) as handle:
            handle.seek(chunk.start)
            # A byte that is not UTF-8 becomes a lone surrogate, so that its row alone is refused.
            text = handle.read(chunk.end - chunk.start).decode(errors="surrogateescape")
        marks, _ = self._marks(header.delimiter)
        rewritten = [column for column in self.columns if marks[column] != "point"]
        rows = parse_rows(io.StringIO(text, newline=""), header.delimiter, header.columns)
        for number, row in enumerate(rows, start=chunk.first_row):
            key = f"{name}, row {number}"
            if row.defect is not None:
                yield BadRecord(key, row.defect.why)
            elif row.cells:
                cells = dict(zip(header.columns, row.cells, strict=True))
                try:
                    # A class, a group or an image's name keeps its spelling.
                    cells |= {column: to_point(cells[column], marks[column]) for column in rewritten}
                except ValueError as error:
                    yield BadRecord(key, f"cannot be read ({error})")
                    continue
                yield self.record(key, cells, chunk.split, os.path.dirname(path))


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


def csv_columns(path: str) -> tuple[str, ...]:
    """Names the columns of a CSV file; see `read_header`."""
    return read_header(path).columns


def csv_labels(path: str, label: str) -> Iterator[str]:
    """Yields the label of every row that can be read, as it is spelled."""
    return scan_csv(path, label).labels.elements()


def csv_cells(path: str, column: str) -> Iterator[str]:
    """Yields the cell of every row that can be read, in the order of the file, of a column of many different ones."""
    header = read_header(path)
    place = header.columns.index(column)
    for row, _ in read_rows(path, header.body, header.delimiter, header.columns):
        if row.defect is None and row.cells:
            yield row.cells[place]


def first_csv_rows(split: str | None, path: str, most_rows: int) -> tuple[Chunk, bool]:
    """Returns the chunk of a file's first rows, up to a mebibyte, and whether these are all."""
    header = read_header(path)
    end, is_all = header.body, True
    for _, offset in read_rows(path, header.body, header.delimiter):
        if end - header.body > _MOST_FIRST_BYTES:
            is_all = False
            break
        end = offset
    return Chunk(split, (path,), header.body, end, 1), is_all
