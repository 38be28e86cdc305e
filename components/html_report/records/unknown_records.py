"""Finds the test records that the model called unknown, though all are of known classes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.html_report.records.find_records import find_records, first_bytes, values_of
from components.html_report.records.pictures import data_uri
from core.features import BOOKKEEPING, RECORD_KEY

MOST = 24
COLUMNS_SHOWN = 12


@dataclass(frozen=True)
class UnknownRecord:
    """A record that was called unknown.

    Attributes:
        key: Its key.
        actual: Its class.
        decided: What the rule would have decided for.
        unlikeness: How unlike all that was trained on it is.
        source: Its picture as a data URI, or None.
        values: Its columns, name to text.
    """

    key: str
    actual: str
    decided: str
    unlikeness: float
    source: str | None = None
    values: dict[str, str] = field(default_factory=dict)


def unknown_records(
    records: AnsweredRecords, paths: Sequence[str], label: str, image: str | None
) -> list[UnknownRecord]:
    """Shows the records that were called unknown, the most unlike first, 24 at most.

    Args:
        records: The test records.
        paths: The shards of the raw test examples.
        label: Feature of the class's name.
        image: Feature of the encoded image, or None.
    """
    unknown, unlikeness = records.unknown, records.unlikeness
    if unknown is None or unlikeness is None:
        return []
    called = np.flatnonzero(unknown)
    rows = called[np.argsort(-unlikeness[called], kind="stable")][:MOST].tolist()
    examples = find_records(paths, RECORD_KEY, {records.keys[row].encode() for row in rows})
    shown = []
    for row in rows:
        example = examples.get(records.keys[row].encode())
        values = {} if example is None else values_of(example, without=(label, image or label, *BOOKKEEPING))
        shown.append(
            UnknownRecord(
                key=str(records.keys[row]),
                actual=records.classes[records.labels[row]],
                decided=records.classes[records.decisions[row]],
                unlikeness=float(unlikeness[row]),
                source=None if example is None or image is None else data_uri(first_bytes(example, image)),
                values=dict(list(values.items())[:COLUMNS_SHOWN]),
            )
        )
    return shown
