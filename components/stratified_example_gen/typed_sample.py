"""Samples rows whose cells have types, and may be pictures."""

import os
from collections.abc import Callable, Iterator
from typing import Any

from components.stratified_example_gen.images.decoding import open_undecoded
from components.stratified_example_gen.parquet_table import as_text
from components.stratified_example_gen.table_sample import TableSample
from core.errors import InputError

# A cell of a CSV table has about as many bytes, so that as many rows of either are looked at.
_BYTES_PER_CELL = 8
_FEWEST_ROWS = 1000
_NUM_PIECES = 24
NUM_PICTURES = 200

Rows = Iterator[dict[str, Any]]


def sample_rows(
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
            if not self.num_pictures and not is_picture(value):
                self.defect = "holds bytes that are no text and no picture"
            self.num_pictures += 1
            if len(self.pictures) < NUM_PICTURES:
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


def is_picture(value: bytes) -> bool:
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
