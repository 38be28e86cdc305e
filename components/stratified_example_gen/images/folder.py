"""Reads a folder of images with one folder per class."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from components.stratified_example_gen.images.decoding import read_image
from components.stratified_example_gen.images.depth import depth_note
from components.stratified_example_gen.images.files import list_image_files
from components.stratified_example_gen.images.layout import layout_advice, layout_notes
from components.stratified_example_gen.order import order_of_text
from components.stratified_example_gen.records import BadRecord, Chunk, LeftOut, Record
from core.errors import InputError

FILES_PER_CHUNK = 512
_SHOWN = 3


@dataclass(frozen=True)
class ClassFolders:
    """A folder of images with one folder per class.

    Attributes:
        folder: Its path.
        classes: Class to the paths of its files below the class's folder, both sorted; a class may have none.
        left_out: What is not read, sorted by key; see `ImageFiles`.
        notes: Sentences on how the folder was read.
    """

    folder: str
    classes: dict[str, list[str]]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...] = ()

    def left_out_of(self, name: str) -> str | None:
        """Names the first files of a class that are left out, with the reason; None where none are."""
        own = [one for one in self.left_out if one.key == name or one.key.startswith(f"{name}/")]
        shown = "; ".join(f"{one.key} {one.why}" for one in own[:_SHOWN])
        return (f"{shown}; and {len(own) - _SHOWN} more" if len(own) > _SHOWN else shown) or None

    def why_empty(self, name: str) -> str:
        """Says of a class without files what its folder holds instead, and the way out."""
        left_out = self.left_out_of(name)
        if left_out is None:
            return (
                f"{self.folder}: the class folder {name!r} holds no images. Fill it or remove it, or leave its class "
                "out of the data."
            )
        return (
            f"{self.folder}: the class folder {name!r} holds no images that can be used: {left_out}. Put images "
            "themselves into it, not links, or name a folder that holds all that the links lead to; what is no "
            f"class, move out of {self.folder}."
        )


def open_class_folders(folder: str, setting: str = "data.path") -> ClassFolders:
    """Lists the files of every class, in its folder and in the folders below.

    Args:
        folder: Folder with one folder per class.
        setting: Where the experiment names it, for messages.

    Raises:
        InputError: The folder is missing, is no folder, holds no class folders, or a name is not UTF-8; where
            its layout is a known one, the message says what to name.
    """
    if not os.path.isdir(folder):
        state = "is a file" if os.path.exists(folder) else "does not exist"
        raise InputError(
            f"{setting}: the image folder {folder!r} {state}. Name a folder with one folder per class."
        )
    listed = list_image_files(folder)
    advice = layout_advice(folder, listed)
    if advice is not None:
        raise InputError(f"{setting}: {advice}")
    if not listed.folders:
        state = "holds no folders" if listed.left_out else "is empty"
        raise InputError(
            f"{setting}: the image folder {folder!r} {state}. It needs one folder per class, each with its images "
            "(JPEG, PNG, GIF or BMP, of any name)."
        )
    classes: dict[str, list[str]] = {name: [] for name in listed.folders}
    left_out = list(listed.left_out)
    for file in listed.files:
        name, _, below = file.partition("/")
        if below:
            classes[name].append(below)
        else:
            left_out.append(LeftOut(file, "lies outside the class folders, so that it has no class"))
    left_out.sort(key=lambda one: one.key)
    return ClassFolders(folder, classes, tuple(left_out), tuple(layout_notes(listed)))


def list_classes(folder: str, setting: str = "data.path") -> dict[str, list[str]]:
    """Returns class to the paths of its files below the class's folder; see `open_class_folders`."""
    return open_class_folders(folder, setting).classes


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
        for split, listed in self._listed():
            files = [f"{name}/{file}" for name, names in listed.classes.items() for file in names]
            files.sort(key=lambda file: order_of_text(file, self.seed))
            for first in range(0, len(files), FILES_PER_CHUNK):
                chunks.append(Chunk(split, tuple(files[first : first + FILES_PER_CHUNK])))
        return chunks

    def left_out(self) -> list[LeftOut]:
        left_out = [
            LeftOut(record_key(one.key, split), one.why)
            for split, listed in self._listed()
            for one in listed.left_out
        ]
        return sorted(left_out, key=lambda one: one.key)

    def notes(self) -> list[str]:
        notes: list[str | None] = []
        for _, listed in self._listed():
            files = [f"{name}/{file}" for name, names in listed.classes.items() for file in names]
            notes += [*listed.notes, depth_note(listed.folder, files, self.max_pixels)]
        return [note for note in dict.fromkeys(notes) if note is not None]

    def read(self, chunk: Chunk) -> Iterator[Record | BadRecord]:
        folder = self.folders[chunk.split]
        for file in chunk.files:
            key, label = record_key(file, chunk.split), file.partition("/")[0]
            encoded, defect = read_image(os.path.join(folder, file), self.max_pixels)
            if defect is not None:
                yield BadRecord(key, defect, label)
            else:
                yield Record(key, label=label, image=encoded, split=chunk.split)

    def _listed(self) -> Iterator[tuple[str | None, ClassFolders]]:
        for split, folder in self.folders.items():
            yield split, open_class_folders(folder, split_setting(split))


def split_setting(split: str | None) -> str:
    """Returns where the experiment names a split's data."""
    return "data.path" if split is None else f"data.splits.{split}"


def record_key(file: str, split: str | None) -> str:
    """Returns the key of a file: its path from the folder of classes, behind the split where the data give it."""
    return file if split is None else f"{split}/{file}"
