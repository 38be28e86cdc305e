"""Sets apart new records that have no amount of which a cost could be made, on which a model cannot decide."""

from collections.abc import Iterator, Sequence

from components.stratified_example_gen.columns import shown
from components.stratified_example_gen.number_spelling import plain_number
from components.stratified_example_gen.records import BadRecord, Record
from core.documents.record_costs import LARGEST_AMOUNT


def with_amounts(
    records: Iterator[Record | BadRecord], columns: Sequence[str]
) -> Iterator[Record | BadRecord]:
    """Yields records in their order, in place of one without an amount that it is bad.

    Args:
        records: As they are read.
        columns: Features that costs are made of; without any all records pass.
    """
    for record in records:
        defects = [] if isinstance(record, BadRecord) else _defects(record, columns)
        yield BadRecord(record.key, defects[0]) if defects else record


def _defects(record: Record, columns: Sequence[str]) -> list[str]:
    return [
        f"has {'nothing' if cell is None else shown(cell)} in column {name!r}, and the decision depends on what a record "
        f"costs: expected an amount from 0 to {LARGEST_AMOUNT:g}"
        for name, cell in ((name, record.cells[name]) for name in columns)
        if not _fits(cell)
    ]


def _fits(cell: str | None) -> bool:
    plain = None if cell is None else plain_number(cell)
    return plain is not None and 0 <= float(plain) <= LARGEST_AMOUNT
