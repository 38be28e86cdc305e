"""Records as columns of typed values, ready to be encoded as tf.Examples."""

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from components.stratified_example_gen.columns import Role
from components.stratified_example_gen.records import Record
from models.canonical_text import canonical_category
from models.features import RECORD_KEY

_TYPES = {
    "integer": pa.list_(pa.int64()),
    "number": pa.list_(pa.float32()),
    "category": pa.list_(pa.binary()),
}
_PARSERS: dict[Role, Callable[[str], Any]] = {
    "integer": int,
    "number": float,
    "category": lambda cell: None if (text := canonical_category(cell)) is None else text.encode(),
}


def record_columns(
    records: Sequence[Record], roles: dict[str, Role], label: str | None, image: str | None
) -> dict[str, pa.Array]:
    """Turns records into one array for each feature.

    Args:
        records: The records.
        roles: Column to what it is; columns without a role are left out.
        label: Name of the label's feature, or None where there is none.
        image: Name of the image's feature, or None where there is none.

    Returns:
        Feature name to list array, in a fixed order: the key, the label, the image, the columns.
    """
    columns = {RECORD_KEY: _bytes_column(record.key.encode() for record in records)}
    if label is not None:
        columns[label] = _bytes_column(record.label.encode() for record in records)
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
