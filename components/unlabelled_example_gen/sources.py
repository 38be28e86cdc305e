"""Reads records to be scored, with or without a class, by the readers that training data go through."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from components.stratified_example_gen.columns import shown
from components.stratified_example_gen.find_tables import find_tables
from components.stratified_example_gen.images.files import ImageFiles, list_image_files
from components.stratified_example_gen.images.folder import FILES_PER_CHUNK, ImageFolder
from components.stratified_example_gen.number_spelling import kind_of, plain_number
from components.stratified_example_gen.records import BadRecord, Chunk, LeftOut, Record, Source
from components.stratified_example_gen.settings import Format
from components.stratified_example_gen.table import Table, labelled_record, matching_files
from components.stratified_example_gen.table_formats import TABLE_FORMATS
from core.errors import InputError
from core.suggestions import nearest

NUMBERS = ("number", "whole")
# Readers ask for a class. No column of a table is called this, and nothing of a record says it.
_NO_LABEL = "\0"


def _unlabelled_record(
    numbers: tuple[str, ...], table: Table, key: str, cells: dict[str, str], *others: Any
) -> Record | BadRecord:
    """Turns a row into a record without a class.

    Args:
        numbers: Columns whose cells must be numbers. A record has them in plain digits, and None for what was missing
            among numbers in training too: infinity, and words such as `-`.
        table: See `labelled_record`, also for what follows.
        key: Names the row.
        cells: Column to text.
        others: Likewise.
    """
    record = labelled_record(table, key, {**cells, _NO_LABEL: "none"}, *others)
    if isinstance(record, BadRecord):
        return record
    for name in numbers:
        cell = record.cells[name]
        if cell is not None and kind_of(cell) in ("text", "measure"):
            return BadRecord(
                key, f"holds {shown(cell)} in column {name!r}, which the model takes for a number"
            )
    plain = {name: plain_number(cell) for name in numbers if (cell := record.cells[name]) is not None}
    return replace(record, cells=record.cells | plain) if plain else record


@dataclass(frozen=True)
class Images:
    """The images in a folder and in the folders below it, by class or not.

    Attributes:
        folder: The folder; see `list_image_files`.
        max_pixels: See `image_defect`.
    """

    folder: str
    max_pixels: int

    def chunks(self) -> list[Chunk]:
        listed = list_image_files(self.folder)
        if not listed.files:
            raise InputError(_why_no_files(self.folder, listed))
        starts = range(0, len(listed.files), FILES_PER_CHUNK)
        return [Chunk(None, listed.files[start : start + FILES_PER_CHUNK]) for start in starts]

    def read(self, chunk: Chunk) -> Iterator[Record | BadRecord]:
        return ImageFolder({None: self.folder}, 0, self.max_pixels).read(chunk)

    def left_out(self) -> list[LeftOut]:
        return list(list_image_files(self.folder).left_out)

    def notes(self) -> list[str]:
        return []


def _why_no_files(folder: str, listed: ImageFiles) -> str:
    first = "; ".join(f"{one.key} {one.why}" for one in listed.left_out[:1])
    found = f" but what is left out ({first})" if first else ""
    return f"{folder}: the folder holds no files{found}. Name a folder of images, or a table."


def open_unlabelled(
    path: str, kinds: Mapping[str, str], max_pixels: int, form: Format | None = None
) -> Source:
    """Opens records to be scored.

    Args:
        path: A folder of images; or a table, or several by a pattern.
        kinds: Feature that the model takes to `image`, `number`, `whole` or `text`.
        max_pixels: Most pixels an image may declare.
        form: The format of the data; None takes a folder for images, and a table for Parquet or TFRecord by its
            name, else for CSV.

    Returns:
        Records without a class; what the data say of it is not looked at.

    Raises:
        InputError: There is nothing, or a column that the model takes is not there.
    """
    columns = tuple(name for name, kind in kinds.items() if kind != "image")
    image = next((name for name, kind in kinds.items() if kind == "image"), None)
    if form == "image_folder" and not os.path.isdir(path):
        state = "is a file" if os.path.exists(path) else "does not exist"
        raise InputError(f"{path} {state}. Name a folder of images.")
    if os.path.isdir(path):
        if image is None or columns:
            raise InputError(
                f"{path}: the model takes the columns {', '.join(columns)}, which a folder of images does not "
                "have. Name a table."
            )
        return Images(path, max_pixels)
    kind, files = find_tables(path) if form is None else (form, _files_of(path))
    table_format = TABLE_FORMATS[kind]
    needed = (*columns, *([image] if image else []))
    for file in files:
        _check_columns(file, table_format.columns(file), needed, may_leave_out=not table_format.has_header)
    numbers = tuple(one for one in columns if kinds[one] in NUMBERS)
    # Bound to a function of this module, so that Beam can send the source to its workers.
    record_of = partial(_unlabelled_record, numbers)
    return table_format.reader(
        {None: path}, columns, (), _NO_LABEL, image, None, max_pixels, record_of=record_of
    )


def _files_of(path: str) -> list[str]:
    try:
        return matching_files(path)
    except InputError:
        raise InputError(
            f"{path} does not exist. Name a file, or several by a pattern as in part-*.csv."
        ) from None


def _check_columns(file: str, columns: tuple[str, ...], needed: tuple[str, ...], may_leave_out: bool) -> None:
    """Refuses a table without a column; of tf.Examples, which leave out what is missing, one without any."""
    absent = [name for name in needed if name not in columns]
    if not absent or (may_leave_out and len(absent) < len(needed)):
        return
    hint = nearest(absent[0], columns)
    raise InputError(
        f"{file}: the model takes the column {absent[0]!r}, which is not there."
        f"{f' Did you mean {hint!r}?' if hint else ''} Columns: {', '.join(columns)}."
    )
