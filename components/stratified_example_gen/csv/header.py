"""Reads the header of a CSV table, and its delimiter."""

from dataclasses import dataclass

from components.stratified_example_gen.csv.header_doubt import is_data
from components.stratified_example_gen.csv.not_a_csv import BYTES_THAT_TELL, why_no_csv
from components.stratified_example_gen.csv.rows import Row, read_rows
from components.stratified_example_gen.csv.separator import (
    SEPARATORS,
    choose_separator,
    named,
    other_separator,
)
from components.stratified_example_gen.table_files import open_bytes, why_no_file
from core.errors import InputError

_BOM = b"\xef\xbb\xbf"
_FIRST_ROWS = 100
_FIRST_BYTES = 2**20  # At most, and in a row at most.


@dataclass(frozen=True)
class Header:
    """The first row of a table, and how its cells are set apart.

    Attributes:
        columns: Names. A column without one is called "Unnamed: i", i counted from 0, as pandas does.
        delimiter: One of comma, semicolon, tab, bar.
        body: Offset of the first byte under the header.
        doubt: Why it may be no header but a row of data, see `is_data`; or None.
    """

    columns: tuple[str, ...]
    delimiter: str
    body: int
    doubt: str | None = None


def read_header(path: str) -> Header:
    """Reads a CSV file's header.

    Raises:
        InputError: Where the file is missing, empty or no CSV, the header is no UTF-8, names a column twice or
            opens a quote that is never closed, or the rows are set apart by another mark than the header.
    """
    why = why_no_file(path)
    if why is not None:
        raise InputError(f"data.path: the table {path!r} {why}. Name a CSV file.")
    with open_bytes(path) as handle:
        head = handle.read(BYTES_THAT_TELL)
    why = why_no_csv(head)
    if why is not None:
        raise InputError(f"{path} {why}")
    start = len(_BOM) if head.startswith(_BOM) else 0
    rows_by_separator: dict[str, list[list[str]]] = {}
    bodies: dict[str, int] = {}
    defects: list[str] = []
    for mark in SEPARATORS:
        rows, body, defect = _first_rows(path, start, mark)
        if defect is None:
            rows_by_separator[mark], bodies[mark] = rows, body
        else:
            defects.append(defect)
    if not rows_by_separator:
        raise InputError(f"{path}: the header {defects[0]}. Mend it: the first row names the columns.")
    chosen = choose_separator(rows_by_separator)
    names, *rows = rows_by_separator[chosen]
    if len(names) <= 1 and not "".join(names).strip():
        raise InputError(f"{path}: the table is empty, or no CSV. Its first row must name the columns.")
    other = other_separator(chosen, rows_by_separator)
    if other is not None:
        raise InputError(
            f"{path}: the header's cells are set apart by {named(chosen)}, those of the rows by {named(other)}. "
            "Write both alike."
        )
    columns = tuple(name.strip() or f"Unnamed: {position}" for position, name in enumerate(names))
    doubt = is_data(names, rows)
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise InputError(
            f"{path}: the header names {', '.join(map(repr, twice))} more than once. "
            + (
                "Rename one."
                if doubt is None
                else f"It looks like a row of data: {doubt}. Put a header above it."
            )
        )
    return Header(columns, chosen, bodies[chosen], doubt)


def _first_rows(path: str, start: int, mark: str) -> tuple[list[list[str]], int, str | None]:
    """Reads the header and the first rows, blank ones left out, under a separator.

    Returns:
        The rows, the offset behind the header, and why the header cannot be read or None.
    """
    header, body = next(read_rows(path, start, mark, first_row=0), (Row([], "", 0), start))
    if header.defect is not None:
        return [], body, header.defect.why
    rows = [header.cells]
    try:
        for row, end in read_rows(path, body, mark, most_bytes=_FIRST_BYTES):
            if row.cells and not (row.defect and row.defect.kind == "quote"):
                rows.append(row.cells)
            if len(rows) > _FIRST_ROWS or end - body > _FIRST_BYTES:
                break
    except InputError:
        pass  # Whoever reads that far says it.
    return rows, body, None
