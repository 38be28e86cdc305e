"""Reads the column of the records' times: by which rule, decided over all its cells, and what the times are."""

import os
from collections.abc import Iterator
from functools import lru_cache

from components.stratified_example_gen.settings import DataSettings, Format, SplitPaths
from components.stratified_example_gen.table_files import matching_files
from components.stratified_example_gen.table_formats import TABLE_FORMATS
from core.canonical_text import clean_cell
from core.errors import InputError
from core.times.duration import parse_duration
from core.times.time_rule import NoTimeRule, TimeRule, decide_time_rule
from core.times.written import SECOND

_File = tuple[str, int, int]


def time_rule(settings: DataSettings) -> TimeRule | None:
    """Decides how the times of `data.time` are read, by every cell of every file; None where no column holds them.

    Raises:
        InputError: No one rule reads them.
    """
    if settings.time is None:
        return None
    unit = None if settings.time_unit is None else parse_duration(f"1{settings.time_unit}") // SECOND
    return _rule_of(settings.format, time_files(settings), settings.time, settings.day_first, unit)


def time_cells(settings: DataSettings) -> Iterator[str | None]:
    """Yields every cell of the column, None where it is missing; not in any order."""
    assert settings.time is not None
    return _cells(settings.format, time_files(settings), settings.time)


def time_files(settings: DataSettings) -> tuple[_File, ...]:
    """Lists the files of the table, by whose state what is known of them is recalled."""
    patterns = (
        [path for path in settings.splits.model_dump().values() if isinstance(path, str)]
        if isinstance(settings.splits, SplitPaths)
        else [settings.path or ""]
    )
    paths = [path for pattern in patterns for path in matching_files(pattern)]
    states = ((path, os.stat(path)) for path in paths)
    return tuple((path, state.st_size, state.st_mtime_ns) for path, state in states)


def _cells(form: Format, files: tuple[_File, ...], column: str) -> Iterator[str | None]:
    for path, _, _ in files:
        for cell in TABLE_FORMATS[form].cells(path, column):
            yield clean_cell(cell)


@lru_cache(maxsize=16)
def _rule_of(
    form: Format, files: tuple[_File, ...], column: str, day_first: bool | None, unit: int | None
) -> TimeRule:
    cells = (cell for cell in _cells(form, files, column) if cell is not None)
    try:
        return decide_time_rule(cells, day_first, unit)
    except NoTimeRule as err:
        raise InputError(f"data.time: column {column!r} {err}.") from err
