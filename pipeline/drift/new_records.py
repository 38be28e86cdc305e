"""Reads new data for the drift watch: the records that `predict` would score, with their class where the data have it."""

import dataclasses
import os
from collections.abc import Iterator, Mapping

from components.stratified_example_gen.class_names import class_place
from components.stratified_example_gen.columns import Role
from components.stratified_example_gen.find_tables import find_tables
from components.stratified_example_gen.number_spelling import exact_whole
from components.stratified_example_gen.records import BadRecord, Record
from components.stratified_example_gen.table import Table
from components.stratified_example_gen.table_formats import TABLE_FORMATS
from components.unlabelled_example_gen.sources import Images, open_unlabelled

UNLABELLED = ""
_KINDS: Mapping[Role, str] = {"integer": "whole", "number": "number", "category": "text"}


def read_new_records(
    path: str,
    roles: Mapping[str, Role],
    image: str | None,
    label: str,
    classes: tuple[str, ...],
    max_pixels: int,
) -> Iterator[Record | BadRecord]:
    """Reads records whose label is UNLABELLED where the data do not tell it.

    Args:
        path: See open_unlabelled.
        roles: The model's columns and what they hold.
        image: The model's image, or None.
        label: The column of the class, which may be missing, or empty in some rows.
        classes: An image's folder is its class where it is one of these.
        max_pixels: Most pixels an image may declare.

    Raises:
        InputError: There is nothing, or a column that the model takes is not there.
    """
    kinds = {name: _KINDS[role] for name, role in roles.items()} | ({image: "image"} if image else {})
    source = open_unlabelled(path, kinds, max_pixels)
    if isinstance(source, Table) and _has_column(path, label):
        source = dataclasses.replace(source, columns=(*source.columns, label))
    integers = [name for name, role in roles.items() if role == "integer"]
    for chunk in source.chunks():
        for record in source.read(chunk):
            if isinstance(record, BadRecord):
                yield record
                continue
            if isinstance(source, Table):
                name = record.cells.get(label) or UNLABELLED
            else:
                folder, _, file = record.key.partition("/")
                name = folder if file and class_place(classes, folder) >= 0 else UNLABELLED
            yield _with_whole_numbers(dataclasses.replace(record, label=name), integers)


def files_left_out(path: str, max_pixels: int) -> tuple[str, ...]:
    """Names what lies in a folder of images and is no record, each as a sentence; of a table there is nothing."""
    left_out = Images(path, max_pixels).left_out() if os.path.isdir(path) else []
    return tuple(f"{one.key} {one.why}" for one in left_out)


def _has_column(path: str, label: str) -> bool:
    """Tells whether a column can be asked for: tf.Examples answer for any name, if with nothing."""
    kind, files = find_tables(path)
    table_format = TABLE_FORMATS[kind]
    return not table_format.has_header or all(label in table_format.columns(file) for file in files)


def _with_whole_numbers(record: Record, integers: list[str]) -> Record | BadRecord:
    """Refuses a fraction where the model's tf.Examples hold int64."""
    for name in integers:
        cell = record.cells[name]
        if cell is not None and exact_whole(cell) is None:
            return BadRecord(
                record.key, f"holds {cell!r} in column {name!r}, which held whole numbers in training"
            )
    return record
