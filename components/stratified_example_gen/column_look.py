"""Looks at a table's columns first: finds what is bound to fail when every record has been read."""

import dataclasses
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import cast

import pyarrow as pa

from components.stratified_example_gen.column_account import decide_columns, read_schema
from components.stratified_example_gen.columns import Tally, column_roles
from components.stratified_example_gen.csv.table import read_header, read_rows
from components.stratified_example_gen.parquet_table import open_parquet
from components.stratified_example_gen.records import BadRecord, Chunk, Record, Source
from components.stratified_example_gen.settings import DataSettings
from components.stratified_example_gen.table import Table, matching_files
from components.stratified_example_gen.tfrecord_table import framed_records
from core.errors import InputError
from core.suggestions import nearest

_MOST_ROWS = 5_000
_MOST_BYTES = 2**20


def look_at_types(source: Table, settings: DataSettings) -> None:
    """Checks what is known of the columns before a row is read.

    Raises:
        InputError: A column that is used holds several values in a cell, or the reviewed schema lacks the class.
    """
    if settings.schema_path is not None:
        _require_in_schema(settings)
    if settings.format == "parquet":
        _refuse_nested(source)


def look_at_columns(source: Table, settings: DataSettings) -> None:
    """Reads the first rows, all of a small table, and decides about the columns as far as these can tell.

    Raises:
        InputError: A column has no role, or is not as the settings have it.
    """
    # Images take long to look at; their records are the reading's business.
    without_images = cast(Source, dataclasses.replace(source, image=None))
    tallies: dict[str, Tally] = {}
    whole = source.image is None
    rows_left = _MOST_ROWS
    for chunk, is_all in _first_chunks(source, settings.format):
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


def _first_chunks(source: Table, form: str) -> Iterator[tuple[Chunk, bool]]:
    """Yields the first rows of every file, a chunk each, and whether they are all of its rows."""
    for split, pattern in source.files.items():
        for path in matching_files(pattern):
            yield _FIRST[form](split, path)


def _first_of_csv(split: str | None, path: str) -> tuple[Chunk, bool]:
    header = read_header(path)
    end, is_all = header.body, True
    for _, offset in read_rows(path, header.body, header.delimiter):
        if end - header.body > _MOST_BYTES:
            is_all = False
            break
        end = offset
    return Chunk(split, (path,), header.body, end, 1), is_all


def _first_of_parquet(split: str | None, path: str) -> tuple[Chunk, bool]:
    num_rows = open_parquet(path).metadata.num_rows
    return Chunk(split, (path,), 0, min(num_rows, _MOST_ROWS), 1), num_rows <= _MOST_ROWS


def _first_of_tfrecord(split: str | None, path: str) -> tuple[Chunk, bool]:
    end, is_all = 0, True
    for number, (offset, _) in enumerate(framed_records(path)):
        if number == _MOST_ROWS:
            is_all = False
            break
        end = offset
    return Chunk(split, (path,), 0, end, 1), is_all


_FIRST = {"csv": _first_of_csv, "parquet": _first_of_parquet, "tfrecord": _first_of_tfrecord}


def _refuse_nested(source: Table) -> None:
    used = (*source.columns, source.label, source.group, source.split, source.image)
    for pattern in source.files.values():
        for path in matching_files(pattern):
            for field in open_parquet(path).schema_arrow:
                if pa.types.is_nested(field.type) and field.name in used:
                    raise InputError(
                        f"{path}: column {field.name!r} holds several values in a cell (its type is {field.type}); a "
                        "column of the model holds one. Spread it over columns, or name it in data.drop."
                    )


def _require_in_schema(settings: DataSettings) -> None:
    schema = read_schema(settings)
    for key, name in (("label", settings.label), ("image", settings.image)):
        if schema is not None and name is not None and name not in schema:
            hint = nearest(name, schema)
            raise InputError(
                f"data.schema: {settings.schema_path} has no feature {name!r}, which is data.{key}."
                f"{f' Did you mean {hint!r}?' if hint else ''}"
            )
