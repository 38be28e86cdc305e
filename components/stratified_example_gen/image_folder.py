"""Reads a folder of images with one folder per class."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from components.errors import InputError
from components.stratified_example_gen.images import EXTENSIONS, image_defect
from components.stratified_example_gen.order import order_of_text
from components.stratified_example_gen.records import BadRecord, Chunk, LeftOut, Record
from components.stratified_example_gen.utf8 import is_utf8

FILES_PER_CHUNK = 512


def list_classes(folder: str) -> dict[str, list[str]]:
    """Lists the files of every class.

    Args:
        folder: Folder with one folder per class. Hidden files and folders, and symbolic links that
            leave the folder, are left out.

    Returns:
        Class name to file names inside the class's folder, both sorted.

    Raises:
        InputError: Where the folder is missing, is no folder, or holds no folder, or a name is not UTF-8.
    """
    if not os.path.isdir(folder):
        state = "is a file" if os.path.exists(folder) else "does not exist"
        raise InputError(
            f"data.path: the image folder {folder!r} {state}. Name a folder with one folder per class."
        )
    root = os.path.realpath(folder)
    classes: dict[str, list[str]] = {}
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith(".") or not entry.is_dir() or not _is_inside(entry.path, root):
            continue
        classes[entry.name] = sorted(
            file.name
            for file in os.scandir(entry.path)
            if not file.name.startswith(".") and file.is_file() and _is_inside(file.path, root)
        )
    if not classes:
        raise InputError(
            f"data.path: the image folder {folder!r} is empty. It needs one folder per class, "
            f"each with {', '.join(EXTENSIONS)} files."
        )
    for name in (name for own, files in classes.items() for name in (own, *files)):
        if not is_utf8(name):
            raise InputError(f"{folder}: the name {name!r} is not UTF-8 text. Rename it.")
    return classes


def _is_inside(path: str, root: str) -> bool:
    return os.path.realpath(path).startswith(root + os.sep)


@dataclass(frozen=True)
class ImageFolder:
    """Image folders as a source of records.

    Attributes:
        folders: Given split (None where it is ours to decide) to the image folder's path.
        seed: Decides which images share a chunk, so that every chunk holds every class.
        max_pixels: See `image_defect`.
    """

    folders: dict[str | None, str]
    seed: int
    max_pixels: int

    def chunks(self) -> list[Chunk]:
        chunks = []
        for split, folder in self.folders.items():
            files = [f"{name}/{file}" for name, names in list_classes(folder).items() for file in names]
            files.sort(key=lambda file: order_of_text(file, self.seed))
            for first in range(0, len(files), FILES_PER_CHUNK):
                chunks.append(Chunk(split, tuple(files[first : first + FILES_PER_CHUNK])))
        return chunks

    def left_out(self) -> list[LeftOut]:
        return []

    def notes(self) -> list[str]:
        return []

    def read(self, chunk: Chunk) -> Iterator[Record | BadRecord]:
        folder = self.folders[chunk.split]
        for file in chunk.files:
            key = file if chunk.split is None else f"{chunk.split}/{file}"
            label = file.partition("/")[0]
            with open(os.path.join(folder, file), "rb") as handle:
                encoded = handle.read()
            defect = image_defect(encoded, self.max_pixels)
            if defect:
                yield BadRecord(key, defect, label)
            else:
                yield Record(key, label=label, image=encoded, split=chunk.split)
