"""What every format of table has in common: from a row's cells to a record."""

import glob
import gzip
import os
import re
from dataclasses import dataclass
from typing import BinaryIO, cast

from components.errors import InputError
from components.stratified_example_gen.columns import is_number
from components.stratified_example_gen.images import image_defect, read_image
from components.stratified_example_gen.records import BadRecord, Chunk, LeftOut, Record
from components.stratified_example_gen.utf8 import is_utf8

MISSING = frozenset({"", "na", "n/a", "nan", "null", "?"})
_SPLIT_NAMES = {
    "train": "train",
    "eval": "eval",
    "val": "eval",
    "valid": "eval",
    "validation": "eval",
    "test": "test",
}


def is_missing(cell: str) -> bool:
    """Tells whether a cell is one of the spellings of a missing value."""
    return cell.strip().lower() in MISSING


def matching_files(path: str) -> list[str]:
    """Returns the files that a path names: itself, or, with `*`, `?` or `[`, all that match, sorted.

    Raises:
        InputError: Where there are none, or the path is a folder.
    """
    if os.path.isfile(path):
        return [path]
    found = sorted(file for file in glob.glob(path) if os.path.isfile(file))
    if not found:
        state = "is a folder" if os.path.isdir(path) else "does not exist"
        raise InputError(
            f"data.path: the table {path!r} {state}. Name a file, or several by a pattern as in part-*.csv."
        )
    return found


def open_bytes(path: str) -> BinaryIO:
    """Opens a file for reading, unpacking it where its name ends with .gz."""
    return cast(BinaryIO, gzip.open(path, "rb")) if path.endswith(".gz") else open(path, "rb")


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
    """

    files: dict[str | None, str]
    columns: tuple[str, ...]
    numeric: tuple[str, ...]
    label: str
    image: str | None
    split: str | None
    max_pixels: int
    group: str | None = None

    def left_out(self) -> list[LeftOut]:
        return []

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
        """Turns a row into a record.

        Args:
            key: Names the row.
            cells: Column to text; what is missing is one of `MISSING`.
            given: The split the row's file belongs to, or None.
            folder: The table's folder, in which images must lie.
            image: The encoded image where the table holds it itself.
        """
        if not is_utf8("".join(cells.values())):
            return BadRecord(key, "is not UTF-8 text")
        label = cells[self.label]
        if not label.strip():
            return BadRecord(key, f"has no label: column {self.label!r} holds {label!r}")
        if len(label.splitlines()) > 1:
            # Vocabularies are files with an entry a line, and leave out what does not fit one.
            return BadRecord(key, f"has a label of several lines: column {self.label!r} holds {label!r}")
        split = given
        if self.split is not None:
            split = _SPLIT_NAMES.get(cells[self.split].strip().lower())
            if split is None:
                return BadRecord(
                    key,
                    f"has an unknown split: column {self.split!r} holds {cells[self.split]!r}, "
                    "expected train, eval or test",
                )
        if self.group is not None and is_missing(cells[self.group]):
            return BadRecord(key, f"has no group: column {self.group!r} holds {cells[self.group]!r}")
        for name in self.numeric:
            if not is_missing(cells[name]) and not is_number(cells[name].strip()):
                return BadRecord(
                    key, f"holds {cells[name]!r} in column {name!r}, which is listed in data.numeric"
                )
        if self.image is not None:
            if image is None:
                image, defect = self._read_image(cells[self.image], folder)
            else:
                defect = image_defect(image, self.max_pixels)
            if defect is not None:
                return BadRecord(
                    key, f"has an image in column {self.image!r} ({cells[self.image]!r}) that {defect}"
                )
        return Record(
            key,
            label,
            {name: None if is_missing(cells[name]) else cells[name].strip() for name in self.columns},
            image,
            split,
            None if self.group is None else cells[self.group].strip(),
        )

    def _read_image(self, name: str, folder: str) -> tuple[bytes, str | None]:
        """Returns an image file's bytes, and why they cannot be used, or None where they can."""
        if is_missing(name):
            return b"", "is missing"
        if "\0" in name:
            return b"", "does not exist"
        path = os.path.realpath(os.path.join(folder, name))
        if os.path.isabs(name) or not path.startswith(os.path.realpath(folder) + os.sep):
            return b"", f"lies outside the table's folder {folder!r}"
        if os.path.isfile(path):
            return read_image(path, self.max_pixels)
        is_special = os.path.exists(path) and not os.path.isdir(path)
        return b"", "is no file" if is_special else "does not exist"
