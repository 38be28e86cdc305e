"""Arranges records as columns of typed values, ready to be encoded as tf.Examples."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from components.stratified_example_gen.columns import Role
from components.stratified_example_gen.number_spelling import exact_whole, plain_number
from components.stratified_example_gen.records import Record
from core.canonical_text import canonical_category, clean_text
from core.features import RECORD_KEY, RECORD_SET, RECORD_TIME

_TYPES = {
    "integer": pa.list_(pa.int64()),
    "number": pa.list_(pa.float32()),
    "category": pa.list_(pa.binary()),
}


def _whole(cell: str) -> int | None:
    plain = plain_number(cell)
    return None if plain is None else exact_whole(plain)


def _number(cell: str) -> float | None:
    plain = plain_number(cell)
    return None if plain is None else float(plain)


def _category(cell: str) -> bytes | None:
    text = canonical_category(cell)
    return None if text is None else text.encode()


# Of a cell that is not missing in every column. What is no number in a column of numbers is missing there: infinity, or a
# word such as `-`.
_PARSERS: dict[Role, Callable[[str], Any]] = {"integer": _whole, "number": _number, "category": _category}


def record_columns(
    records: Sequence[Record],
    roles: dict[str, Role],
    label: str | None,
    image: str | None,
    sets: np.ndarray | None = None,
) -> dict[str, pa.Array]:
    """Turns records into one array for each feature.

    Args:
        records: The records.
        roles: Column to what it is; columns without a role are left out.
        label: Name of the label's feature, or None where there is none.
        image: Name of the image's feature, or None where there is none.
        sets: int64 `(records,)`, see Plan.set_names; None where all records are on their own.

    Returns:
        Feature name to list array, in a fixed order: the key, the set, the time, the label, the image, the columns.
    """
    columns = {RECORD_KEY: _bytes_column(record.key.encode() for record in records)}
    if sets is not None:
        columns[RECORD_SET] = pa.array(
            [[name] if name else None for name in sets.tolist()], _TYPES["integer"]
        )
    if records and records[0].time is not None:
        columns[RECORD_TIME] = pa.array([[record.time] for record in records], _TYPES["integer"])
    if label is not None:
        columns[label] = _bytes_column(clean_text(record.label).encode() for record in records)
    if image is not None:
        columns[image] = _bytes_column(record.image for record in records)
    for name, role in roles.items():
        parse = _PARSERS[role]
        cells = (record.cells[name] for record in records)
        values = (None if cell is None else parse(cell) for cell in cells)
        columns[name] = pa.array([None if value is None else [value] for value in values], _TYPES[role])
    return columns


def _bytes_column(values) -> pa.Array:
    return pa.array([[value] for value in values], pa.list_(pa.binary()))
