"""What kind of data a path leads to, and how they come split."""

import os
from dataclasses import dataclass

from components.errors import InputError
from components.stratified_example_gen.images import EXTENSIONS
from components.stratified_example_gen.table_format import Format, find_tables, is_named_like_a_table

# Names of the folders of splits, by what they are to us. "val" alone beside "train" serves as test.
_SPLIT_FOLDERS = {
    "train": ("train", "training"),
    "eval": ("eval", "val", "valid", "validation", "dev"),
    "test": ("test", "testing"),
}


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
    kind, files = find_tables(path)
    return Layout(kind, {None: path}, sum(os.path.getsize(file) for file in files))


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
    tables = sorted(name for name in os.listdir(folder) if is_named_like_a_table(name.lower()))
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
