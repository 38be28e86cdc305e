"""Table of any format: turns the cells of its rows into records."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from components.stratified_example_gen.columns import shown
from components.stratified_example_gen.csv.utf8 import is_utf8
from components.stratified_example_gen.images.decoding import image_defect, read_image
from components.stratified_example_gen.number_spelling import kind_of
from components.stratified_example_gen.records import BadRecord, Chunk, LeftOut, Record
from components.stratified_example_gen.table_files import files_passed_over, matching_files, open_bytes
from core.canonical_text import canonical_category, clean_cell
from core.times.time_rule import TimeRule

__all__ = ["Table", "TimeColumn", "label_defect", "labelled_record", "matching_files", "open_bytes"]

_SPLIT_NAMES = {
    "train": "train",
    "eval": "eval",
    "val": "eval",
    "valid": "eval",
    "validation": "eval",
    "test": "test",
}


def label_defect(label: str) -> str | None:
    """Says why a text cannot be a class, as a sentence without its subject; None where it can.

    What says missing in any other column does so here: `NA`, `?`, `None`. `none`, in lower case, may be a class.
    """
    if clean_cell(label) is None:
        return "has no label"
    # Vocabularies are files with an entry a line, and leave out what does not fit one.
    return "has a label of several lines" if len(label.splitlines()) > 1 else None


def labelled_record(
    table: "Table",
    key: str,
    cells: dict[str, str],
    given: str | None,
    folder: str,
    image: bytes | None = None,
) -> Record | BadRecord:
    """Turns a row into a record with a class.

    Args:
        table: Says what the columns are for.
        key: Names the row.
        cells: Column to text, as it is in the data.
        given: The split the row's file belongs to, or None.
        folder: The table's folder, in which images must lie.
        image: The encoded image where the table holds it itself.
    """
    if not is_utf8("".join(cells.values())):
        return BadRecord(key, "is not UTF-8 text")
    label = cells[table.label]
    defect = label_defect(label)
    if defect:
        return BadRecord(key, f"{defect}: column {table.label!r} holds {shown(label)}")
    split = given
    if table.split is not None:
        split = _SPLIT_NAMES.get(cells[table.split].strip().lower())
        if split is None:
            return BadRecord(
                key,
                f"has an unknown split: column {table.split!r} holds {cells[table.split]!r}, "
                "expected train, eval or test",
                label,
            )
    group = None if table.group is None else canonical_category(cells[table.group])
    if table.group is not None and group is None:
        return BadRecord(key, f"has no group: column {table.group!r} holds {cells[table.group]!r}", label)
    time = None if table.time is None else table.time.read(cells[table.time.column])
    if table.time is not None and time is None:
        return BadRecord(key, table.time.why_unread(cells[table.time.column]), label)
    for name in table.numeric:
        cell = clean_cell(cells[name])
        if cell is not None and kind_of(cell) in ("text", "measure"):
            return BadRecord(
                key,
                f"holds {shown(cells[name])} in column {name!r}, which is listed in data.numeric",
                label,
            )
    if table.image is not None:
        if image is None:
            image, image_problem = _read_image(table, cells[table.image], folder)
        else:
            image_problem = image_defect(image, table.max_pixels)
        if image_problem is not None:
            return BadRecord(
                key,
                f"has an image in column {table.image!r} ({cells[table.image]!r}) that {image_problem}",
                label,
            )
    return Record(
        key,
        label,
        {name: clean_cell(cells[name]) for name in table.columns},
        image,
        split,
        group,
        time,
    )


def _read_image(table: "Table", name: str, folder: str) -> tuple[bytes, str | None]:
    """Returns an image file's bytes, and why they cannot be used, or None where they can."""
    if clean_cell(name) is None:
        return b"", "is missing"
    if "\0" in name:
        return b"", "does not exist"
    path = os.path.realpath(os.path.join(folder, name))
    if os.path.isabs(name) or not path.startswith(os.path.realpath(folder) + os.sep):
        return b"", f"lies outside the table's folder {folder!r}"
    if os.path.isfile(path):
        return read_image(path, table.max_pixels)
    is_special = os.path.exists(path) and not os.path.isdir(path)
    return b"", "is no file" if is_special else "does not exist"


@dataclass(frozen=True)
class TimeColumn:
    """The column of the records' times, and the one rule by which all of its cells are read."""

    column: str
    rule: TimeRule

    def read(self, cell: str) -> int | None:
        """Returns the microseconds since 1970; None where the cell is missing, or no time by the rule."""
        clean = clean_cell(cell)
        return None if clean is None else self.rule.read(clean)

    def why_unread(self, cell: str) -> str:
        """Says of a cell that is not read what is wrong, as a sentence without its subject."""
        if clean_cell(cell) is None:
            return f"has no time: column {self.column!r} holds {cell!r}"
        return f"has a time that cannot be read: column {self.column!r} holds {shown(cell)}, expected {self.rule.words}"


@dataclass(frozen=True)
class Table:
    """A table's columns by what they are for.

    Attributes:
        files: Given split (None where it is ours to decide) to a file's path, or a pattern of several.
        columns: Columns whose cells are read as features.
        numeric: Those of them that the experiment says are numbers.
        label: Column of the class.
        image: Column of an image's path, or None.
        split: Column of the split, or None.
        max_pixels: See `image_defect`.
        group: Column of the group, or None.
        time: The column of the time, or None.
        record_of: Turns a row into a record; takes the table, and what `labelled_record` does.
    """

    files: dict[str | None, str]
    columns: tuple[str, ...]
    numeric: tuple[str, ...]
    label: str
    image: str | None
    split: str | None
    max_pixels: int
    group: str | None = None
    time: TimeColumn | None = None
    record_of: Callable[..., Record | BadRecord] = field(default=labelled_record, kw_only=True)

    @property
    def named(self) -> tuple[str, ...]:
        """The columns that are read for what they say of a record, and are no features; the image's is none of them."""
        time = None if self.time is None else self.time.column
        return tuple(name for name in (self.label, self.split, self.group, time) if name is not None)

    def left_out(self) -> list[LeftOut]:
        left_out = [one for pattern in self.files.values() for one in files_passed_over(pattern)]
        return sorted(left_out, key=lambda one: one.key)

    def notes(self) -> list[str]:
        return []

    def file_name(self, chunk: Chunk) -> str:
        """Names a chunk's file for people, as no other file of the table is named.

        It is the path from the last folder that holds all files of the split, behind the split where the data
        give it: `x.csv`, `train/x.csv`, or `monday/x.csv` of the pattern `*/x.csv`.
        """
        pattern = self.files[chunk.split]
        fixed = pattern if os.path.isfile(pattern) else re.split(r"[*?\[]", pattern)[0]
        name = os.path.relpath(chunk.files[0], os.path.dirname(fixed) or os.curdir)
        return name if chunk.split is None else f"{chunk.split}/{name}"

    def record(
        self, key: str, cells: dict[str, str], given: str | None, folder: str, image: bytes | None = None
    ) -> Record | BadRecord:
        """Turns a row into a record; see `labelled_record`."""
        return self.record_of(self, key, cells, given, folder, image)
