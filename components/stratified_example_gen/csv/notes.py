"""Notes for people on how CSV files were read."""

from collections import defaultdict
from collections.abc import Mapping

from components.stratified_example_gen.csv.header_doubt import doubted
from components.stratified_example_gen.csv.scan import CsvScan, Folded
from components.stratified_example_gen.csv.separator import named

_SHOWN = 3


def csv_notes(scans: Mapping[str, CsvScan]) -> list[str]:
    """Says how the cells of each file are set apart, and what looks as if it was meant otherwise.

    Args:
        scans: Name of a file for people to what it holds.
    """
    by_separator = defaultdict(list)
    for name, scan in scans.items():
        by_separator[scan.header.delimiter].append(name)
    notes = [separator_note(names, separator) for separator, names in by_separator.items()]
    notes += [doubted(name, scan.header.doubt) for name, scan in scans.items() if scan.header.doubt]
    return notes + [folded_note(name, scan.folded) for name, scan in scans.items() if scan.folded]


def separator_note(names: list[str], separator: str) -> str:
    """Says how the cells of some files are set apart."""
    others = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{others}: cells are set apart by {named(separator)}."


def folded_note(name: str, folded: list[Folded]) -> str:
    """Says which rows hold lines that may be rows."""
    shown = "; ".join(
        f"row {one.row} (line {one.line}) with {one.num_alike} such line{'' if one.num_alike == 1 else 's'}"
        for one in folded[:_SHOWN]
    )
    more = f"; and {len(folded) - _SHOWN} more" if len(folded) > _SHOWN else ""
    return (
        f"{name}: quotes hold lines with as many cells as the header, which are read as one row: "
        f"{shown}{more}. If they are rows, a quote is missing or too many."
    )
