"""Computes a fingerprint of the data, by which an earlier run's are known: every file's name, size and time."""

import hashlib
import json
import os
from collections.abc import Iterator

from components.stratified_example_gen.check_data import class_counts
from components.stratified_example_gen.images.files import RUN_OUTPUT, list_image_files
from components.stratified_example_gen.settings import DataSettings, SplitShares
from components.stratified_example_gen.sources import split_paths
from components.stratified_example_gen.table import matching_files
from components.stratified_example_gen.table_formats import TABLE_FORMATS


def fingerprint(settings: DataSettings) -> str:
    """Returns a digest that changes when a file that the data are read from comes, goes, moves or is written.

    These are all files of a folder of images, nested and linked ones too, with those that are left out; or all
    files of a table, and the images that it names, whatever they are called. Contents are not read, but
    for that of the corrections.

    Args:
        settings: The data settings, with absolute paths.

    Raises:
        InputError: The data cannot be listed.
    """
    digest = hashlib.blake2b(digest_size=16)
    if settings.corrections is not None:
        # It is small, and saved again with the same content by whoever reviews.
        with open(settings.corrections, "rb") as handle:
            digest.update(hashlib.blake2b(handle.read()).digest())
    for split, path in split_paths(settings).items():
        facts = _of_folder(path) if settings.format == "image_folder" else _of_tables(path, settings)
        for fact in facts:
            digest.update(json.dumps([split, *fact]).encode() + b"\n")
    return digest.hexdigest()


def _of_folder(folder: str) -> Iterator[tuple[object, ...]]:
    listed = list_image_files(folder)
    for file in listed.files:
        yield file, *_state(os.path.join(folder, file))
    for one in listed.left_out:
        if one.why != RUN_OUTPUT:
            # How many files a hidden folder holds is no matter.
            yield one.key, "" if one.key.endswith("/") else one.why
    yield ("folders", *listed.folders)


def _of_tables(path: str, settings: DataSettings) -> Iterator[tuple[object, ...]]:
    for file in matching_files(path):
        yield file, *_state(file)
        names_images = TABLE_FORMATS[settings.format].names_images
        # Encoded ones change with the table.
        if settings.image is not None and names_images(file, settings.image):
            folder = os.path.dirname(file)
            alone = settings.model_copy(
                update={"label": settings.image, "path": file, "splits": SplitShares()}
            )
            for name in sorted(class_counts(alone)):
                yield name, *_state(os.path.join(folder, name))


def _state(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        # Reading says of it that it is not there.
        return -1, -1
    return status.st_size, status.st_mtime_ns
