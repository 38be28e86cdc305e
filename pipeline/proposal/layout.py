"""What kind of data a path leads to, and how they come split."""

import os
from dataclasses import dataclass
from typing import Literal

from components.errors import InputError
from components.stratified_example_gen.images import EXTENSIONS
from components.stratified_example_gen.table import matching_files, open_bytes

Format = Literal["image_folder", "csv"]

# Names of the folders of splits, by what they are to us. "val" alone beside "train" serves as test.
_SPLIT_FOLDERS = {
    "train": ("train", "training"),
    "eval": ("eval", "val", "valid", "validation", "dev"),
    "test": ("test", "testing"),
}
_NOT_YET = {
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".tfrecord": "TFRecord",
    ".tfrecords": "TFRecord",
}
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

    A folder is taken for images: of classes, or of splits that each hold classes. Anything else is a table.
    Each further format of table needs its reader in `table_sample` and a line here.

    Raises:
        InputError: There is nothing, or nothing that can be read.
    """
    if os.path.isdir(path):
        return _folder_layout(path)
    suffix = os.path.splitext(path.lower().removesuffix(".gz"))[1]
    if suffix in _NOT_YET:
        raise InputError(
            f"{path}: `counterpoise init` is not available yet for {_NOT_YET[suffix]}. Name a CSV file or a folder of "
            "images, or write the experiment by hand."
        )
    if suffix in EXTENSIONS:
        raise InputError(f"{path} is a single image. Name the folder that holds one folder per class.")
    if not os.path.isfile(path) and os.path.lexists(path):
        raise InputError(f"{path} is neither a file nor a folder. Name a CSV file or a folder of images.")
    try:
        files = matching_files(path)
    except InputError:
        raise InputError(
            f"{path} does not exist. Name a folder of images by class, a CSV file, or several by a pattern as in "
            "'part-*.csv'."
        ) from None
    for file in files:
        _require_text(file)
    return Layout("csv", {None: path}, sum(os.path.getsize(file) for file in files))


def _require_text(file: str) -> None:
    with open_bytes(file) as handle:
        head = handle.read(_BYTES_THAT_TELL)
    if b"\x00" in head:
        raise InputError(f"{file} is no text file. Name a CSV file in UTF-8, or a folder of images.")


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
    tables = sorted(name for name in os.listdir(folder) if name.lower().endswith((".csv", ".csv.gz", ".tsv")))
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


def _subfolders(folder: str) -> list[str]:
    return sorted(
        entry.name for entry in os.scandir(folder) if entry.is_dir() and not entry.name.startswith(".")
    )


def _holds_files(folder: str) -> bool:
    return any(entry.is_file() and not entry.name.startswith(".") for entry in os.scandir(folder))
