"""Finds the records the model was surest about and wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.html_report.records.column_reasons import column_reasons
from components.html_report.records.find_records import find_records, first_bytes, values_of
from components.html_report.records.pictures import data_uri
from core.features import BOOKKEEPING, RECORD_KEY

PER_CLASS = 4
MOST = 40
COLUMNS_SHOWN = 12


@dataclass(frozen=True)
class WrongRecord:
    """A record that was called another class.

    Attributes:
        key: Its key.
        actual: Its class.
        decided: What the model called it.
        probability: What the model gave to that.
        of_actual: What the model gave to its class.
        source: Its picture as a data URI, or None.
        values: Its columns, name to text.
        reasons: The columns that moved the decision most, with what they contribute.
    """

    key: str
    actual: str
    decided: str
    probability: float
    of_actual: float
    source: str | None = None
    values: dict[str, str] | None = None
    reasons: tuple[str, ...] = ()


def worst_rows(records: AnsweredRecords, names: Sequence[str]) -> list[int]:
    """Chooses for each class its records with the highest probability for a wrong decision.

    Args:
        records: The test records.
        names: Classes in the order wanted.

    Returns:
        Rows of the records, at most `PER_CLASS` of a class and `MOST` in all, class by class.
    """
    rows: list[int] = []
    given = records.probabilities[np.arange(len(records.labels)), records.decisions]
    for name in names:
        index = records.classes.index(name)
        wrong = np.flatnonzero((records.labels == index) & (records.decisions != index))
        rows += wrong[np.argsort(-given[wrong], kind="stable")][:PER_CLASS].tolist()
    return rows[:MOST]


def worst_records(
    records: AnsweredRecords,
    names: Sequence[str],
    paths: Sequence[str],
    label: str,
    image: str | None,
    model: str | None = None,
) -> list[WrongRecord]:
    """Shows the worst mistakes of each class.

    Args:
        records: The test records.
        names: Classes in the order wanted.
        paths: The shards of the raw test examples.
        label: Feature of the class's name.
        image: Feature of the encoded image, or None.
        model: Folder of the SavedModel that decides, to be asked for its reasons, or None.
    """
    rows = worst_rows(records, names)
    examples = find_records(paths, RECORD_KEY, {records.keys[row].encode() for row in rows})
    found = [examples.get(records.keys[row].encode()) for row in rows]
    shown = [_shown(records, row, one, label, image) for row, one in zip(rows, found, strict=True)]
    if model is None:
        return shown
    places = [place for place, one in enumerate(found) if one is not None]
    reasons = column_reasons(model, [one for one in found if one is not None], _without(label, image))
    for place, of_it in zip(places, reasons, strict=True):
        shown[place] = replace(shown[place], reasons=tuple(of_it))
    return shown


def _without(label: str, image: str | None) -> tuple[str, ...]:
    return (label, image or label, *BOOKKEEPING)


def _shown(
    records: AnsweredRecords, row: int, example: bytes | None, label: str, image: str | None
) -> WrongRecord:
    actual, decided = int(records.labels[row]), int(records.decisions[row])
    values = {} if example is None else values_of(example, _without(label, image))
    return WrongRecord(
        key=str(records.keys[row]),
        actual=records.classes[actual],
        decided=records.classes[decided],
        probability=float(records.probabilities[row, decided]),
        of_actual=float(records.probabilities[row, actual]),
        source=None if example is None or image is None else data_uri(first_bytes(example, image)),
        values=dict(list(values.items())[:COLUMNS_SHOWN]),
    )
