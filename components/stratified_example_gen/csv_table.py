"""Reads CSV tables in pieces of bytes, each on its own."""

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from components.stratified_example_gen.csv_header import Header, read_header
from components.stratified_example_gen.csv_notes import csv_notes
from components.stratified_example_gen.csv_rows import MAX_ROW_BYTES, parse_rows, read_rows
from components.stratified_example_gen.csv_scan import BYTES_PER_CHUNK, row_boundaries, scan_csv
from components.stratified_example_gen.records import BadRecord, Chunk, Record
from components.stratified_example_gen.table import Table, matching_files, open_bytes

__all__ = [
    "MAX_ROW_BYTES",
    "CsvTable",
    "Header",
    "decimal_point",
    "read_header",
    "read_rows",
    "row_boundaries",
]

# Only where commas do not set the cells apart.
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+([eE][+-]?[0-9]+)?")


def decimal_point(cell: str) -> str:
    """Writes a number with a decimal comma with a point; leaves every other cell as it is."""
    return cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell.strip()) else cell


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
        return csv_notes(
            {
                self.file_name(Chunk(split, (path,))): scan_csv(path, self.label, self.bytes_per_chunk)
                for split, pattern in self.files.items()
                for path in matching_files(pattern)
            }
        )

    def read(self, chunk: Chunk) -> Iterator[Record | BadRecord]:
        path, name = chunk.files[0], self.file_name(chunk)
        header = read_header(path)
        with open_bytes(path) as handle:
            handle.seek(chunk.start)
            # A byte that is not UTF-8 becomes a lone surrogate, so that its row alone is refused.
            text = handle.read(chunk.end - chunk.start).decode(errors="surrogateescape")
        rows = parse_rows(io.StringIO(text, newline=""), header.delimiter, header.columns)
        for number, row in enumerate(rows, start=chunk.first_row):
            key = f"{name}, row {number}"
            if row.defect is not None:
                yield BadRecord(key, row.defect.why)
            elif row.cells:
                cells = dict(zip(header.columns, row.cells, strict=True))
                if header.delimiter != ",":
                    # A class, a group or an image's name keeps its spelling.
                    cells |= {column: decimal_point(cells[column]) for column in self.columns}
                yield self.record(key, cells, chunk.split, os.path.dirname(path))
