"""Checks a table's columns by its first rows: what is bound to fail when every record has been read."""

import dataclasses
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import cast

from components.stratified_example_gen.column_account import decide_columns, read_schema
from components.stratified_example_gen.columns import Tally, column_roles
from components.stratified_example_gen.records import BadRecord, Chunk, Record, Source
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.table import Table, matching_files
from components.stratified_example_gen.table_formats import TABLE_FORMATS, TableFormat
from core.errors import InputError
from core.suggestions import nearest

_MOST_ROWS = 5_000


def check_column_types(source: Table, settings: DataSettings) -> None:
    """Checks what is known of the columns before a row is read.

    Raises:
        InputError: A column that is used holds several values in a cell, or the reviewed schema lacks the class.
    """
    if settings.schema_path is not None:
        _require_in_schema(settings)
    used = (*source.columns, *source.named, source.image)
    for pattern in source.files.values():
        for path in matching_files(pattern):
            TABLE_FORMATS[settings.format].check_columns(path, used)


def check_columns(source: Table, settings: DataSettings) -> None:
    """Reads the first rows, all of a small table, and decides about the columns as far as these can tell.

    Raises:
        InputError: A column has no role, or is not as the settings have it.
    """
    # Images take long to look at; their records are the reading's business.
    without_images = cast(Source, dataclasses.replace(source, image=None))
    tallies: dict[str, Tally] = {}
    whole = source.image is None
    rows_left = _MOST_ROWS
    for chunk, is_all in _first_chunks(source, TABLE_FORMATS[settings.format]):
        records = without_images.read(chunk)
        taken = list(islice(records, rows_left))
        rows_left -= len(taken)
        whole = whole and is_all and next(iter(records), None) is None
        _add(tallies, taken)
        if not rows_left:
            whole = False
            break
    if whole:
        decide_columns(tallies, settings)
    elif settings.numeric == "auto" and settings.categorical != "auto":
        # One text is enough for a column that is not listed.
        texts = {name: tally for name, tally in tallies.items() if tally.texts}
        column_roles(texts, settings.numeric, settings.categorical)


def _add(tallies: dict[str, Tally], records: Iterable[Record | BadRecord]) -> None:
    for record in records:
        if isinstance(record, Record):
            for name, cell in record.cells.items():
                tallies.setdefault(name, Tally()).add(record.key, cell)


def _first_chunks(source: Table, table_format: TableFormat) -> Iterator[tuple[Chunk, bool]]:
    """Yields the first rows of every file, a chunk each, and whether they are all of its rows."""
    for split, pattern in source.files.items():
        for path in matching_files(pattern):
            yield table_format.first_rows(split, path, _MOST_ROWS)


def _require_in_schema(settings: DataSettings) -> None:
    schema = read_schema(settings)
    for key, name in (("label", settings.label), ("image", settings.image)):
        if schema is not None and name is not None and name not in schema:
            hint = nearest(name, schema)
            raise InputError(
                f"data.schema: {settings.schema_path} has no feature {name!r}, which is data.{key}."
                f"{f' Did you mean {hint!r}?' if hint else ''}"
            )
