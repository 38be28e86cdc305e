"""Columns that name a record rather than describe it."""

import re

import numpy as np

from components.imbalance_validator.facts import Column, DataFacts
from components.imbalance_validator.settings import ValidationSettings
from core.documents.imbalance_report import Finding

_NEARLY_ALL = 0.95
# With fewer values any column may be all different.
_FEWEST_VALUES = 30
# Numbers handed out one after another lie close together; measurements that happen to differ do not.
_DENSE = 4
# As a word of its own (row_id, ID) or behind a hump (patientId); not as an ending, as in "paid".
_ID_NAME = re.compile(
    r"(?:^|[_\W])(?i:id|uuid|guid|key|index|rowid|row)$|(?<=[a-z])(?:Id|ID|Uuid|Guid|Key|Index|Row)$"
)


def share_of_different(column: Column) -> float:
    """Returns the number of different values over that of values, in [0, 1]; 0 without values."""
    present = column.values[~column.missing]
    return len(np.unique(present)) / len(present) if len(present) else 0.0


def is_id_like(name: str, column: Column, num_records: int) -> bool:
    """Tells whether a column's values name the records.

    Text does where at least 95 % of 30 or more values differ. Whole numbers do where all of 30 or more
    differ and either the column is named so (`id`, `row`, `index`, ...) or they lie as close together as
    numbers that are handed out: within a range of four times the records.

    Args:
        name: The column's name.
        column: Its values in a sample.
        num_records: Number of records the sample was drawn from, over all splits.
    """
    present = column.values[~column.missing]
    if len(present) < _FEWEST_VALUES:
        return False
    if not column.numeric:
        return share_of_different(column) >= _NEARLY_ALL
    if (present != np.floor(present)).any() or share_of_different(column) < 1:
        return False
    return bool(_ID_NAME.search(name)) or present.max() - present.min() < _DENSE * num_records


def check_ids(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """A column that names its records: soft."""
    return [
        Finding(
            "id_like_column",
            "soft",
            name,
            share_of_different(column),
            _NEARLY_ALL,
            f"Column {name!r} looks like an id: {share_of_different(column):.0%} of its values differ.",
            "An id says nothing of a new record: name the column in data.drop.",
        )
        for name, column in facts.sample.columns.items()
        if is_id_like(name, column, int(facts.counts.sum()))
    ]
