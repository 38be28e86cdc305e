"""Explains what the model looked at: heat maps over pictures, and the columns that counted."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.html_report.records.find_records import find_records, first_bytes
from components.html_report.records.pictures import data_uri, heat_overlay
from core.callbacks import Explained, ExplainFn
from core.features import RECORD_KEY

CLASSES_SHOWN = 12
PER_CLASS = 2
COLUMNS_SHOWN = 6


@dataclass(frozen=True)
class ColumnBar:
    """A column's part in a decision.

    Attributes:
        name: The column.
        width: Its size beside the largest, in per cent.
        speaks_for: Whether it speaks for the decision; None where the method does not tell.
    """

    name: str
    width: float
    speaks_for: bool | None


@dataclass(frozen=True)
class Explanation:
    """What spoke for one decision.

    Attributes:
        key: The record.
        actual: Its class.
        decided: What the model called it.
        probability: What it gave to that.
        source: The picture as a data URI, or None.
        overlay: The heat map to lay over it, or None.
        columns: The columns that counted most.
    """

    key: str
    actual: str
    decided: str
    probability: float
    source: str | None
    overlay: str | None
    columns: list[ColumnBar]


@dataclass(frozen=True)
class Explanations:
    """Explanations by actual class, and how they were made: of pictures and of columns, or None each."""

    by_class: dict[str, list[Explanation]]
    image_method: str | None
    column_method: str | None


def explained_rows(records: AnsweredRecords, names: Sequence[str]) -> list[int]:
    """Chooses for each class the surest right decision and the surest wrong one.

    Where there is no mistake two right ones are chosen, and the other way round.

    Args:
        records: The test records.
        names: Classes in the order wanted; the first `CLASSES_SHOWN` are taken.

    Returns:
        Rows of the records, class by class.
    """
    rows: list[int] = []
    given = records.probabilities[np.arange(len(records.labels)), records.decisions]
    for name in names[:CLASSES_SHOWN]:
        mine = np.flatnonzero(records.labels == records.classes.index(name))
        surest = mine[np.argsort(-given[mine], kind="stable")]
        is_right = records.decisions[surest] == records.labels[surest]
        right, wrong = surest[is_right], surest[~is_right]
        rows += np.concatenate([right[:1], wrong[:1], right[1:], wrong[1:]])[:PER_CLASS].tolist()
    return rows


def explain(
    records: AnsweredRecords,
    names: Sequence[str],
    paths: Sequence[str],
    explain_fn: str,
    model_run: str,
    transform_graph: str,
    label: str,
    image: str | None,
) -> Explanations | None:
    """Asks for a few test records of each class what spoke for the model's decision.

    Args:
        records: The test records.
        names: Classes in the order wanted.
        paths: The shards of the raw test examples.
        explain_fn: Dotted path of the function that explains; see `core.callbacks.ExplainFn`.
        model_run: Folder of the Trainer's log.
        transform_graph: Folder of Transform's graph.
        label: Feature of the class's name.
        image: Feature of the encoded image, or None.
    """
    chosen = explained_rows(records, names)
    keys = [records.keys[row].encode() for row in chosen]
    found = find_records(paths, RECORD_KEY, keys)
    rows = [row for row, key in zip(chosen, keys, strict=True) if key in found]
    examples = [found[records.keys[row].encode()] for row in rows]
    if not rows:
        return None
    classes = [int(records.decisions[row]) for row in rows]
    answer = _load(explain_fn)(model_run, transform_graph, label, image, examples, classes)
    if answer is None:
        return None
    by_class: dict[str, list[Explanation]] = {}
    for place, row in enumerate(rows):
        shown = _explanation(records, row, examples[place], image, answer, place)
        by_class.setdefault(shown.actual, []).append(shown)
    return Explanations(by_class, answer.image_method, answer.column_method)


def _load(dotted_path: str) -> ExplainFn:
    module, _, name = dotted_path.rpartition(".")
    function: ExplainFn = getattr(importlib.import_module(module), name)
    return function


def _explanation(
    records: AnsweredRecords, row: int, example: bytes, image: str | None, answer: Explained, place: int
) -> Explanation:
    encoded = first_bytes(example, image) if image else b""
    maps, weights = answer.maps, answer.column_weights
    decided = int(records.decisions[row])
    return Explanation(
        key=str(records.keys[row]),
        actual=records.classes[int(records.labels[row])],
        decided=records.classes[decided],
        probability=float(records.probabilities[row, decided]),
        source=data_uri(encoded),
        overlay=heat_overlay(encoded, maps[place]) if encoded and maps is not None else None,
        columns=[]
        if weights is None
        else column_bars(answer.columns, np.asarray(weights[place]), answer.signed),
    )


def column_bars(names: Sequence[str], weights: np.ndarray, signed: bool) -> list[ColumnBar]:
    """Chooses the columns with the largest weights, largest first; those of no weight are left out.

    Args:
        names: The columns.
        weights: Float `(columns,)`.
        signed: Whether a weight below 0 speaks against the decision.
    """
    sizes = np.abs(weights)
    largest = float(sizes.max(initial=0.0))
    order = np.argsort(-sizes, kind="stable")[:COLUMNS_SHOWN]
    return [
        ColumnBar(
            names[place],
            round(100 * float(sizes[place]) / largest, 1),
            bool(weights[place] > 0) if signed else None,
        )
        for place in order
        if sizes[place] > 0
    ]
