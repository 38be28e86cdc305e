"""Finds which format the data under a path have, and how they come split."""

import os
from collections import Counter
from dataclasses import dataclass

from components.stratified_example_gen.find_tables import find_tables, is_named_like_a_table
from components.stratified_example_gen.images.files import ImageFiles, list_image_files
from components.stratified_example_gen.images.layout import SPLIT_FOLDERS, layout_advice, split_of_folder
from components.stratified_example_gen.settings import Format
from core.errors import InputError
from core.printable import listed as join_names


@dataclass(frozen=True)
class DataLayout:
    """Data as they lie on disk.

    Attributes:
        format: As in `data.format`.
        paths: Given split (None where there is none) to a file or folder; "train" and "test" go together.
        num_bytes: Size of a table's files as stored; 0 for images.
        notes: Sentences on what lies there and is not read.
    """

    format: Format
    paths: dict[str | None, str]
    num_bytes: int = 0
    notes: tuple[str, ...] = ()

    @property
    def train_path(self) -> str:
        return self.paths.get("train") or self.paths[None]


def find_layout(path: str) -> DataLayout:
    """Tells what a path leads to.

    A folder is taken for images: of classes, or of splits that each hold classes. Anything else is a table:
    Parquet or TFRecord by its name, else CSV.

    Raises:
        InputError: There is nothing, or nothing that can be read.
    """
    if os.path.isdir(path):
        return _folder_layout(path)
    kind, files = find_tables(path)
    return DataLayout(kind, {None: path}, sum(os.path.getsize(file) for file in files))


def _folder_layout(folder: str) -> DataLayout:
    listed = list_image_files(folder)
    splits = _given_splits(folder, listed)
    if splits:
        return DataLayout("image_folder", splits, notes=_beside_splits(folder, listed, splits))
    advice = layout_advice(folder, listed)
    if advice is not None:
        raise InputError(advice)
    if any("/" in file for file in listed.files):
        return DataLayout("image_folder", {None: folder})
    raise InputError(_why_no_images(folder, listed))


def _given_splits(folder: str, listed: ImageFiles) -> dict[str | None, str]:
    """Returns the folders of train, eval where there is one, and test; nothing where the data do not come split."""
    with_classes = {name for name, _, rest in (file.partition("/") for file in listed.files) if "/" in rest}
    splits: dict[str | None, str] = {}
    for split in SPLIT_FOLDERS:
        found = [name for name in sorted(with_classes) if split_of_folder(name) == split]
        if len(found) > 1:
            raise InputError(
                f"{folder} holds several folders of the {split} split: {', '.join(found)}. Keep one."
            )
        if found:
            splits[split] = os.path.join(folder, found[0])
    if "test" not in splits and "eval" in splits:
        splits["test"] = splits.pop("eval")
    in_order: tuple[str, ...] = ("train", "eval", "test")
    return (
        {name: splits[name] for name in in_order if name in splits} if {"train", "test"} <= {*splits} else {}
    )


def _beside_splits(folder: str, listed: ImageFiles, splits: dict[str | None, str]) -> tuple[str, ...]:
    used = {os.path.relpath(path, folder) for path in splits.values()}
    keys = [*listed.files, *(one.key for one in listed.left_out)]
    beside = Counter(top for top in (key.partition("/")[0] for key in keys) if top not in used)
    if not beside:
        return ()
    names = [f"{name} ({count:,} file{'' if count == 1 else 's'})" for name, count in sorted(beside.items())]
    return (
        f"Beside the splits lie, and are not read: {join_names(names)}. Images without a class are scored by "
        "`counterpoise predict`, or in the run where bulk_inference.path names their folder.",
    )


def _why_no_images(folder: str, listed: ImageFiles) -> str:
    """Says what a folder without images holds instead."""
    names = [*listed.files, *(one.key for one in listed.left_out)]
    tables = sorted(name for name in names if "/" not in name and is_named_like_a_table(name.lower()))
    if tables:
        return f"{folder} holds tables, no folders of images. Name one: {', '.join(tables[:5])}."
    state = "holds no folders" if names else "is empty"
    if listed.folders:
        in_folders = [one for one in listed.left_out if "/" in one.key or one.key in listed.folders]
        state = "holds empty folders only"
        if in_folders:
            state = f"holds folders without a file that can be used ({in_folders[0].key} {in_folders[0].why})"
    return f"{folder} {state}. It needs one folder per class, each with its images (JPEG, PNG, GIF or BMP)."
