"""Samples rows of Parquet and TFRecord files; their cells have types, and may be pictures."""

import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
from google.protobuf.message import DecodeError

from components.stratified_example_gen.images.decoding import open_undecoded
from components.stratified_example_gen.parquet_table import as_text, open_parquet, parquet_columns
from components.stratified_example_gen.tfrecord_table import (
    feature_values,
    framed_records,
    record_ends,
    tfrecord_columns,
)
from core.errors import InputError
from pipeline.proposal.table_sample import WHOLE_BYTES, TableSample

# A cell of a CSV table has about as many bytes, so that as many rows of either are looked at.
_BYTES_PER_CELL = 8
_FEWEST_ROWS = 1000
_NUM_PIECES = 24
_NUM_PICTURES = 200
_BATCH_ROWS = 1024
_PICTURE_BATCH_ROWS = 16

Rows = Iterator[Mapping[str, Any]]


def sample_parquet(files: list[str], whole_bytes: int = WHOLE_BYTES) -> TableSample:
    """Reads a sample of Parquet files that share their columns.

    Args:
        files: Their paths.
        whole_bytes: Decides the number of rows, a cell standing for 8 bytes; at least 1,000. Of a larger table a
            quarter of them are its first rows, the others pieces spread evenly to the end. Of a column of pictures
            some 200 are read.

    Raises:
        InputError: A file is no Parquet, or there are no rows.
    """
    pictures: dict[str, tuple[bytes, ...]] = {}
    for name in _binary_columns(files[0]):
        found = _parquet_pictures(files[0], name)
        if any(map(_is_picture, found)):
            pictures[name] = found
    names = [name for name in parquet_columns(files[0]) if name not in pictures]
    numbers = [open_parquet(file).metadata.num_rows for file in files]

    def rows_of(file: str, ranges: list[range]) -> Rows:
        return _parquet_rows(file, names, ranges)

    return _sample(files, numbers, names, rows_of, whole_bytes, pictures)


def sample_tfrecord(files: list[str], whole_bytes: int = WHOLE_BYTES) -> TableSample:
    """Reads a sample of TFRecord files of tf.Examples; see `sample_parquet`.

    Of a packed file only the start is read.

    Raises:
        InputError: A file is no TFRecord file of tf.Examples, or there are none in it.
    """
    names = list(tfrecord_columns(files[0]))
    ends = {file: record_ends(file) for file in files}

    def rows_of(file: str, ranges: list[range]) -> Rows:
        if file.endswith(".gz"):
            ranges = [range(sum(map(len, ranges)))]
        for piece in ranges:
            start = ends[file][piece.start - 1] if piece.start else 0
            for _, content in framed_records(file, start, ends[file][piece.stop - 1]):
                yield _features(file, content)

    sample = _sample(files, [len(ends[file]) for file in files], names, rows_of, whole_bytes, {})
    return dataclasses.replace(sample, may_name_images=False)


def _features(file: str, content: bytes) -> Mapping[str, Any]:
    try:
        values = feature_values(content)
    except DecodeError as err:
        raise InputError(f"{file}: a record is no tf.Example.") from err
    return {name: cell[0] if len(cell) == 1 else cell or None for name, cell in values.items()}


def _sample(
    files: list[str],
    numbers: list[int],
    names: list[str],
    rows_of: Callable[[str, list[range]], Rows],
    whole_bytes: int,
    pictures: dict[str, tuple[bytes, ...]],
) -> TableSample:
    """Gathers the sample's rows and sorts the columns by what their cells are."""
    total = sum(numbers)
    wanted = max(_FEWEST_ROWS, whole_bytes // (_BYTES_PER_CELL * max(1, len(names))))
    columns = {name: _Column() for name in names}
    num_rows = 0
    for file, number in zip(files, numbers, strict=True):
        share = number if total <= wanted else max(1, wanted * number // total)
        for row in rows_of(file, _spread(number, share)):
            num_rows += 1
            for name, column in columns.items():
                column.add(row.get(name))
    if not num_rows:
        raise InputError(f"{files[0]}: the table has no rows.")
    return TableSample(
        columns={name: tuple(column.cells) for name, column in columns.items() if column.is_text},
        num_rows=num_rows,
        num_ragged=0,
        whole=num_rows == total,
        estimated_rows=total,
        folder=os.path.dirname(files[0]),
        pictures=pictures
        | {name: tuple(column.pictures) for name, column in columns.items() if column.holds_pictures},
        unusable={
            name: column.defect
            for name, column in columns.items()
            if not column.is_text and not column.holds_pictures
        },
    )


class _Column:
    """A column's cells as text, or as pictures, or why they are neither."""

    def __init__(self) -> None:
        self.cells: list[str] = []
        self.pictures: list[bytes] = []
        self.num_pictures = 0
        self.defect = ""

    @property
    def is_text(self) -> bool:
        return not self.defect and not self.num_pictures

    @property
    def holds_pictures(self) -> bool:
        return not self.defect and self.num_pictures > 0

    def add(self, value: Any) -> None:
        if isinstance(value, bytes) and (self.num_pictures or not _is_text(value)):
            if not self.num_pictures and not _is_picture(value):
                self.defect = "holds bytes that are no text and no picture"
            self.num_pictures += 1
            if len(self.pictures) < _NUM_PICTURES:
                self.pictures.append(value)
            return
        try:
            self.cells.append(as_text(value))
        except ValueError:
            self.defect = "holds several values in a cell"


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_picture(value: bytes) -> bool:
    try:
        open_undecoded(value)
    except Exception:  # Pillow raises many kinds.
        return False
    return True


def _spread(num_rows: int, wanted: int) -> list[range]:
    """Chooses rows: a quarter of those wanted at the start, the others in pieces up to the last."""
    if num_rows <= wanted:
        return [range(num_rows)] if num_rows else []
    length = max(1, (wanted - wanted // 4) // _NUM_PIECES)
    num_pieces = min(_NUM_PIECES, wanted)
    head = max(0, wanted - num_pieces * length)
    room = num_rows - head - length
    starts = [head + room * piece // max(1, num_pieces - 1) for piece in range(num_pieces)]
    return [*([range(head)] if head else []), *(range(start, start + length) for start in starts)]


def _binary_columns(file: str) -> list[str]:
    schema = open_parquet(file).schema_arrow
    return [
        field.name
        for field in schema
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type)
    ]


def _parquet_pictures(file: str, column: str) -> tuple[bytes, ...]:
    """Reads some cells of a column, spread over the row groups; a missing one is empty."""
    opened = open_parquet(file)
    step = max(1, opened.num_row_groups * _PICTURE_BATCH_ROWS // _NUM_PICTURES)
    cells: list[bytes] = []
    for group in range(0, opened.num_row_groups, step):
        batch = next(opened.iter_batches(_PICTURE_BATCH_ROWS, row_groups=[group], columns=[column]), None)
        cells += [] if batch is None else [cell or b"" for cell in batch.column(0).to_pylist()]
    return tuple(cells)


def _parquet_rows(file: str, columns: Iterable[str], ranges: list[range]) -> Rows:
    opened = open_parquet(file)
    first = 0
    for group in range(opened.num_row_groups):
        size = opened.metadata.row_group(group).num_rows
        if any(piece.start < first + size and piece.stop > first for piece in ranges):
            start = first
            for batch in opened.iter_batches(_BATCH_ROWS, row_groups=[group], columns=list(columns)):
                for piece in ranges:
                    low, high = max(piece.start, start), min(piece.stop, start + batch.num_rows)
                    if low < high:
                        yield from batch.slice(low - start, high - low).to_pylist()
                start += batch.num_rows
        first += size
