"""Checks CSV tables as a whole, and notes how they are read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from components.stratified_example_gen.csv.faults import table_fault
from components.stratified_example_gen.csv.header_doubt import doubted
from components.stratified_example_gen.csv.notes import folded_note, separator_note
from components.stratified_example_gen.csv.scan import scan_csv
from components.stratified_example_gen.table_sample import TableSample
from core.errors import InputError


@contextmanager
def explained_by_rows(files: list[str]) -> Iterator[None]:
    """Raises what is wrong with the rows of some CSV files instead of what comes of it, such as a single class."""
    try:
        yield
    except InputError:
        refuse_faults(files, None)
        raise


def refuse_faults(files: list[str], label: str | None) -> None:
    """Goes through CSV files from end to end.

    Args:
        files: Their paths.
        label: The column of the class, if it is known: then their classes are counted on the way.

    Raises:
        InputError: A file is not written in UTF-8, or a quote in it hides lines that may be rows.
    """
    for file in files:
        fault = table_fault(file, scan_csv(file, label))
        if fault is not None:
            raise InputError(fault)


def csv_warnings(sample: TableSample, label: str | None) -> tuple[str, ...]:
    """Says what looks as if it was meant otherwise than it is read.

    Args:
        sample: Of a CSV table.
        label: As in `refuse_faults`, for a table that was gone through; else None.
    """
    names = {file: os.path.basename(file) for file in sample.headers}
    doubts = [doubted(names[file], header.doubt) for file, header in sample.headers.items() if header.doubt]
    if label is None:
        return tuple(doubts)
    folded = {file: scan_csv(file, label).folded for file in sample.headers}
    return (*doubts, *(folded_note(names[file], rows) for file, rows in folded.items() if rows))


def separator_notes(sample: TableSample) -> list[str]:
    """Says how the cells of a table's files are set apart; nothing for a table that is no CSV."""
    by_separator: dict[str, list[str]] = {}
    for file, header in sample.headers.items():
        by_separator.setdefault(header.delimiter, []).append(os.path.basename(file))
    return [separator_note(files, separator) for separator, files in by_separator.items()]
