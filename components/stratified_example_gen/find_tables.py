"""Finds the files of a table, and which format they have."""

import os

from components.stratified_example_gen.csv.not_a_csv import BYTES_THAT_TELL, why_no_csv
from components.stratified_example_gen.images.decoding import EXTENSIONS
from components.stratified_example_gen.images.kinds import is_image
from components.stratified_example_gen.settings import Format
from components.stratified_example_gen.table_files import has_matches, matching_files, open_bytes, why_no_file
from components.stratified_example_gen.table_formats import TABLE_FORMATS
from core.errors import InputError


def find_tables(path: str) -> tuple[Format, list[str]]:
    """Tells a table's format, Parquet or TFRecord by its name, else CSV, and lists its files.

    Args:
        path: A file, or a pattern of several.

    Raises:
        InputError: There is nothing, nothing that can be read, or tables of several formats.
    """
    if os.path.splitext(path.lower().removesuffix(".gz"))[1] in EXTENSIONS:
        raise InputError(_is_single_image(path))
    try:
        files = matching_files(path)
    except InputError as error:
        if why_no_file(path) != "does not exist" or has_matches(path):
            raise InputError(str(error).removeprefix("data.path: ")) from None
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
    return formats[files[0]], files


def _is_single_image(path: str) -> str:
    return f"{path} is a single image. Name the folder that holds one folder per class."


def is_named_like_a_table(name: str) -> bool:
    """Tells whether a file's name, in lower case, is that of a table."""
    return named_format(name) is not None


def named_format(name: str) -> Format | None:
    """Returns the format of table that a file's name, in lower case, tells of, or None."""
    return next((kind for kind, one in TABLE_FORMATS.items() if one.file_name.fullmatch(name)), None)


def _table_format(file: str) -> Format:
    kind = named_format(os.path.basename(file).lower())
    if kind not in (None, "csv"):
        return kind
    with open_bytes(file) as handle:
        head = handle.read(BYTES_THAT_TELL)
    if is_image(head):
        raise InputError(_is_single_image(file))
    for name, one in TABLE_FORMATS.items():
        if one.signature is not None and head.startswith(one.signature):
            return name
    why = why_no_csv(head)
    if why is not None:
        raise InputError(
            f"{file} {why} Parquet files, TFRecord files (x.tfrecord) and folders of images are read too."
        )
    return "csv"
