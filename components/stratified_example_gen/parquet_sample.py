"""Samples the rows of Parquet files."""

from collections.abc import Iterable

import pyarrow as pa

from components.stratified_example_gen.parquet_table import open_parquet, parquet_columns
from components.stratified_example_gen.table_sample import WHOLE_BYTES, TableSample
from components.stratified_example_gen.typed_sample import NUM_PICTURES, Rows, is_picture, sample_rows

_BATCH_ROWS = 1024
_PICTURE_BATCH_ROWS = 16


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
        if any(map(is_picture, found)):
            pictures[name] = found
    names = [name for name in parquet_columns(files[0]) if name not in pictures]
    numbers = [open_parquet(file).metadata.num_rows for file in files]

    def rows_of(file: str, ranges: list[range]) -> Rows:
        return _parquet_rows(file, names, ranges)

    return sample_rows(files, numbers, names, rows_of, whole_bytes, pictures)


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
    step = max(1, opened.num_row_groups * _PICTURE_BATCH_ROWS // NUM_PICTURES)
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
