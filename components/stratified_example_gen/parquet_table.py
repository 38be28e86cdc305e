"""Reads Parquet tables in pieces of rows."""

import contextlib
import functools
import math
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from components.stratified_example_gen.records import BadRecord, Chunk, Record
from components.stratified_example_gen.table import Table, matching_files
from components.stratified_example_gen.table_files import why_no_file
from core.errors import InputError

ROWS_PER_CHUNK = 65_536
_ROWS_AT_ONCE = 4_096


def open_parquet(path: str) -> pq.ParquetFile:
    """Opens a Parquet file.

    Raises:
        InputError: Where it is none.
    """
    why = why_no_file(path)
    if why is not None:
        raise InputError(f"{path} {why}. Name a Parquet file.")
    _forbid_pickled_types()
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as err:
        raise InputError(f"{path}: not a Parquet file ({err}).") from err


class _PickledType(pa.ExtensionType):
    """Stands for a type that lies pickled in a file, which is left there."""

    def __init__(self, stored_as: pa.DataType):
        super().__init__(stored_as, "arrow.py_extension_type")

    def __arrow_ext_serialize__(self) -> bytes:
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type: pa.DataType, serialized: bytes) -> "_PickledType":
        return cls(storage_type)


@functools.cache
def _forbid_pickled_types() -> None:
    """Has columns of a type that lies pickled in the file read as what they are stored as.

    Before version 14 Arrow unpickles it on sight, and so runs what the file's writer put there (CVE-2023-47248).
    """
    # Later versions know no such type.
    with contextlib.suppress(pa.ArrowException):
        pa.unregister_extension_type("arrow.py_extension_type")
        pa.register_extension_type(_PickledType(pa.null()))


def parquet_columns(path: str) -> tuple[str, ...]:
    """Names the columns of a Parquet file.

    Raises:
        InputError: Two have one name, or one has none: a row has one cell for each name.
    """
    names = tuple(open_parquet(path).schema_arrow.names)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{path}: the table names {', '.join(map(repr, twice))} more than once. Rename one.")
    if "" in names:
        raise InputError(f"{path}: column {names.index('') + 1} of {len(names)} has no name. Name it.")
    return names


def as_text(value: Any) -> str:
    """Spells a value as a CSV file would; a missing one is empty.

    Raises:
        ValueError: The value is a list or a structure, or bytes that are no text.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError as err:
            raise ValueError("expected text, received other bytes") from err
    if isinstance(value, list | dict):
        raise ValueError("expected a single value, received several")
    # The shortest text that reads back as the same number.
    return repr(value) if isinstance(value, float) else str(value)


def readable_texts(values: Iterable[Any]) -> Iterator[str]:
    """Yields values as text, but for those that cannot be read as such; reading names their records."""
    for value in values:
        with contextlib.suppress(ValueError):
            yield as_text(value)


def as_cells(values: Mapping[str, Any]) -> dict[str, str]:
    """Spells the values of a row; see `as_text`.

    Raises:
        ValueError: One cannot be spelled; names its column.
    """
    cells = {}
    for name, value in values.items():
        try:
            cells[name] = as_text(value)
        except ValueError as err:
            raise ValueError(f"column {name!r}: {err}") from err
    return cells


@dataclass(frozen=True)
class ParquetTable(Table):
    """Parquet files as a source of records; see Table. An image column may hold paths or encoded images."""

    rows_per_chunk: int = ROWS_PER_CHUNK

    def notes(self) -> list[str]:
        """Says which columns hold times: their text stands for itself alone, and is met once."""
        first = matching_files(next(iter(self.files.values())))[0]
        types = {field.name: field.type for field in open_parquet(first).schema_arrow}
        return [
            f"Column {name!r} holds values of the type {types[name]}: read as categories. Write a number, as in days "
            "since a date, to have it as one."
            for name in self.columns
            if name in types and pa.types.is_temporal(types[name])
        ]

    def chunks(self) -> list[Chunk]:
        chunks = []
        for split, pattern in self.files.items():
            for path in matching_files(pattern):
                num_rows = open_parquet(path).metadata.num_rows
                for start in range(0, num_rows, self.rows_per_chunk):
                    end = min(start + self.rows_per_chunk, num_rows)
                    chunks.append(Chunk(split, (path,), start, end, first_row=start + 1))
        return chunks

    def read(self, chunk: Chunk) -> Iterator[Record | BadRecord]:
        path, file = chunk.files[0], self.file_name(chunk)
        used = [*self.columns, *self.named, self.image]
        columns = [name for name in parquet_columns(path) if name in used]
        for number, row in _rows(open_parquet(path), columns, chunk.start, chunk.end):
            key = f"{file}, row {number + 1}"
            image = row.get(self.image) if self.image is not None else None
            if isinstance(image, bytes):
                row[self.image] = f"{len(image)} bytes"
            try:
                cells = as_cells(row)
            except ValueError as error:
                yield BadRecord(key, f"cannot be read ({error})")
                continue
            yield self.record(
                key, cells, chunk.split, os.path.dirname(path), image if isinstance(image, bytes) else None
            )


def _rows(
    file: pq.ParquetFile, columns: list[str], start: int, end: int
) -> Iterator[tuple[int, dict[Any, Any]]]:
    """Reads rows from `start` to before `end`, opening only the row groups they lie in."""
    first = 0
    for group in range(file.num_row_groups):
        size = file.metadata.row_group(group).num_rows
        if first < end and first + size > start:
            number = first
            for batch in file.iter_batches(_ROWS_AT_ONCE, row_groups=[group], columns=columns):
                if number < end and number + batch.num_rows > start:
                    for offset, row in enumerate(batch.to_pylist(), start=number):
                        if start <= offset < end:
                            yield offset, row
                number += batch.num_rows
        first += size


def parquet_labels(path: str, label: str) -> Iterator[str]:
    """Yields the label of every row that has a readable one, as it is spelled."""
    for batch in open_parquet(path).iter_batches(columns=[label]):
        yield from readable_texts(batch.column(0).to_pylist())


def first_parquet_rows(split: str | None, path: str, most_rows: int) -> tuple[Chunk, bool]:
    """Returns the chunk of a file's first rows, and whether these are all."""
    num_rows = open_parquet(path).metadata.num_rows
    return Chunk(split, (path,), 0, min(num_rows, most_rows), 1), num_rows <= most_rows


def refuse_nested_columns(path: str, used: Collection[str | None]) -> None:
    """Refuses columns that hold several values in a cell.

    Raises:
        InputError: One that is used does.
    """
    for field in open_parquet(path).schema_arrow:
        if pa.types.is_nested(field.type) and field.name in used:
            raise InputError(
                f"{path}: column {field.name!r} holds several values in a cell (its type is {field.type}); a "
                "column of the model holds one. Spread it over columns, or name it in data.drop."
            )


def names_image_files(path: str, column: str) -> bool:
    """Tells whether a column of images holds paths, and not the encoded images themselves."""
    kind = open_parquet(path).schema_arrow.field(column).type
    return not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind))
