"""Encodes unlabelled records as tf.Examples, typed as the model's features are."""

import dataclasses
from collections.abc import Mapping, Sequence

from components.examples_io import encode_examples
from components.stratified_example_gen.columns import Role, is_integer
from components.stratified_example_gen.encoding import record_columns
from components.stratified_example_gen.number_spelling import LARGEST_WHOLE, exact_whole
from components.stratified_example_gen.records import Record

_ROLES: Mapping[str, Role] = {"whole": "integer", "number": "number", "text": "category"}


def encode_unlabelled(records: Sequence[Record], kinds: Mapping[str, str]) -> list[bytes]:
    """Encodes records as StratifiedExampleGen does, the key among their features, but no class.

    Args:
        records: The records, at least one.
        kinds: Feature to `image`, `whole`, `number` or `text`. A whole-number feature takes the whole number
            nearest to a fraction, as the signature `predict_raw` does.

    Returns:
        One serialised tf.Example a record.
    """
    roles = {name: _ROLES[kind] for name, kind in kinds.items() if kind != "image"}
    image = next((name for name, kind in kinds.items() if kind == "image"), None)
    wholes = [name for name, kind in kinds.items() if kind == "whole"]
    rounded = [_with_whole_numbers(record, wholes) for record in records]
    return encode_examples(record_columns(rounded, roles, None, image))


def _with_whole_numbers(record: Record, names: Sequence[str]) -> Record:
    fractions = {
        name: whole_number(cell)
        for name in names
        if (cell := record.cells[name]) is not None and not is_integer(cell)
    }
    return dataclasses.replace(record, cells={**record.cells, **fractions}) if fractions else record


def whole_number(cell: str) -> str:
    """Writes the whole number nearest to a plain number: the even one of two, within int64.

    Example: `2.5`, `3.5`, `-7.4`, `1.7e12` become `2`, `4`, `-7`, `1700000000000`.
    """
    exact = exact_whole(cell)
    # Python rounds as IEEE 754 does, and so does the signature.
    value = round(float(cell)) if exact is None else exact
    return str(max(-LARGEST_WHOLE, min(LARGEST_WHOLE, value)))
