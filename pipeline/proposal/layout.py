"""What kind of data a path leads to, and how they come split."""

import os
import re
from dataclasses import dataclass
from typing import Literal

from components.errors import InputError
from components.stratified_example_gen.images import EXTENSIONS
from components.stratified_example_gen.table import matching_files, open_bytes

Format = Literal["image_folder", "csv", "parquet", "tfrecord"]

# Names of the folders of splits, by what they are to us. "val" alone beside "train" serves as test.
_SPLIT_FOLDERS = {
    "train": ("train", "training"),
    "eval": ("eval", "val", "valid", "validation", "dev"),
    "test": ("test", "testing"),
}
# Endings of tables other than CSV; TFRecord files are often numbered, as in x.tfrecord-00000-of-00010.
_ENDINGS: dict[Format, re.Pattern[str]] = {
    "parquet": re.compile(r".*\.(parquet|pq)"),
    "tfrecord": re.compile(r".*[._-]tfrecords?(-\d+-of-\d+)?(\.gz)?"),
}
_PARQUET_START = b"PAR1"
_BYTES_THAT_TELL = 65_536


@dataclass(frozen=True)
class Layout:
    """Data as they lie on disk.

    Attributes:
        format: As in `data.format`.
        paths: Given split (None where there is none) to a file or folder; "train" and "test" go together.
        num_bytes: Size of a table's files as stored; 0 for images.
    """

    format: Format
    paths: dict[str | None, str]
    num_bytes: int = 0

    @property
    def train_path(self) -> str:
        return self.paths.get("train") or self.paths[None]


def find_layout(path: str) -> Layout:
    """Tells what a path leads to.

    A folder is taken for images: of classes, or of splits that each hold classes. Anything else is a table:
    Parquet or TFRecord by its name, else CSV.

    Raises:
        InputError: There is nothing, or nothing that can be read.
    """
    if os.path.isdir(path):
        return _folder_layout(path)
    suffix = os.path.splitext(path.lower().removesuffix(".gz"))[1]
    if suffix in EXTENSIONS:
        raise InputError(f"{path} is a single image. Name the folder that holds one folder per class.")
    if not os.path.isfile(path) and os.path.lexists(path):
        raise InputError(f"{path} is neither a file nor a folder. Name a table or a folder of images.")
    try:
        files = matching_files(path)
    except InputError:
        raise InputError(
            f"{path} does not exist. Name a folder of images by class, a table (CSV, Parquet, TFRecord), or several "
            "files by a pattern as in 'part-*.csv'."
        ) from None
    formats = {file: _table_format(file) for file in files}
    for file, kind in formats.items():
        if kind != formats[files[0]]:
            raise InputError(
                f"{path} matches tables of several formats, such as {files[0]} and {file}. Name those of one."
            )
    return Layout(formats[files[0]], {None: path}, sum(os.path.getsize(file) for file in files))


def _table_format(file: str) -> Format:
    for kind, ending in _ENDINGS.items():
        if ending.fullmatch(os.path.basename(file).lower()):
            return kind
    with open_bytes(file) as handle:
        head = handle.read(_BYTES_THAT_TELL)
    if head.startswith(_PARQUET_START):
        return "parquet"
    if b"\x00" in head:
        raise InputError(
            f"{file} is no text file. Name a CSV file in UTF-8, a Parquet file, a TFRecord file (x.tfrecord), or a "
            "folder of images."
        )
    return "csv"


def _folder_layout(folder: str) -> Layout:
    inner = _subfolders(folder)
    splits = {}
    for split, names in _SPLIT_FOLDERS.items():
        found = [name for name in inner if name.lower() in names and _subfolders(os.path.join(folder, name))]
        if len(found) > 1:
            raise InputError(
                f"{folder} holds several folders of the {split} split: {', '.join(found)}. Keep one."
            )
        if found:
            splits[split] = os.path.join(folder, found[0])
    if "train" in splits and "test" not in splits and "eval" in splits:
        splits["test"] = splits.pop("eval")
    if "train" in splits and "test" in splits:
        return Layout(
            "image_folder", {name: splits[name] for name in ("train", "eval", "test") if name in splits}
        )
    if any(_holds_files(os.path.join(folder, name)) for name in inner):
        return Layout("image_folder", {None: folder})
    raise InputError(_why_no_images(folder, inner))


def _why_no_images(folder: str, inner: list[str]) -> str:
    """Says what a folder without classes holds instead, and what could be meant."""
    tables = sorted(name for name in os.listdir(folder) if _is_named_like_a_table(name.lower()))
    deeper = [name for name in inner if _subfolders(os.path.join(folder, name))]
    if tables:
        return f"{folder} holds tables, no folders of images. Name one: {', '.join(tables[:5])}."
    if deeper:
        return (
            f"{folder} holds folders of folders. Name the one with a folder per class, such as "
            f"{os.path.join(folder, deeper[0])}, or call the splits train and test."
        )
    state = "holds no folders" if os.listdir(folder) else "is empty"
    if inner:
        state = "holds empty folders only"
    return f"{folder} {state}. It needs one folder per class, each with {', '.join(EXTENSIONS)} files."


def _is_named_like_a_table(name: str) -> bool:
    return name.endswith((".csv", ".csv.gz", ".tsv")) or any(
        ending.fullmatch(name) for ending in _ENDINGS.values()
    )


def _subfolders(folder: str) -> list[str]:
    return sorted(
        entry.name for entry in os.scandir(folder) if entry.is_dir() and not entry.name.startswith(".")
    )


def _holds_files(folder: str) -> bool:
    return any(entry.is_file() and not entry.name.startswith(".") for entry in os.scandir(folder))
