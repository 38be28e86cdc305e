"""What is said of the splits afterwards: counts, duplicates, and what was left out."""

import csv
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

import numpy as np

from components.errors import InputError
from components.stratified_example_gen.index import Index
from components.stratified_example_gen.plan import Plan
from components.stratified_example_gen.settings import SPLITS, DataSettings
from components.stratified_example_gen.splitting import DROPPED

_SHOWN = 5
_LISTED = 1000


def raise_bad_records(indexes: Iterable[Index], on_bad_record: str) -> None:
    """Ends the reading where bad records are not to be skipped.

    Raises:
        InputError: Naming the first bad records and their number.
    """
    bad = [record for index in indexes for record in index.bad]
    if not bad or on_bad_record == "skip":
        return
    shown = "; ".join(f"{record.key} {record.why}" for record in bad[:_SHOWN])
    more = f"; and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
    raise InputError(f"{shown}{more}. Mend or remove what is bad, or set data.on_bad_record to skip.")


def class_index(indexes: Sequence[Index]) -> tuple[list[str], np.ndarray]:
    """Joins the chunks' classes into one sorted list.

    Returns:
        The classes, and int64 `(records,)`, index into them.
    """
    classes = sorted({name for index in indexes for name in index.classes})
    place = {name: number for number, name in enumerate(classes)}
    labels = [np.array([place[name] for name in index.classes], np.int64)[index.labels] for index in indexes]
    return classes, np.concatenate(labels)


def group_index(indexes: Sequence[Index]) -> np.ndarray | None:
    """Numbers the groups over all chunks, int64 `(records,)`; None where there are no groups."""
    names = [name for index in indexes for name in index.groups]
    return np.unique(names, return_inverse=True)[1].reshape(-1) if names else None


def split_summary(
    classes: list[str], labels: np.ndarray, plan: Plan, indexes: Sequence[Index], settings: DataSettings
) -> dict[str, Any]:
    """Counts what went where.

    Returns:
        `splits`; `classes`: class to split to count; `duplicates`: policy, found, dropped, contradictory; `skipped`: the
        first bad records, and `skipped_count`.
    """
    bad = [record for index in indexes for record in index.bad]
    counts = {
        split: np.bincount(labels[plan.splits == place], minlength=len(classes))
        for place, split in enumerate(SPLITS)
    }
    return {
        "splits": list(SPLITS),
        "classes": {
            name: {split: int(counts[split][number]) for split in SPLITS}
            for number, name in enumerate(classes)
        },
        "duplicates": {
            "policy": settings.duplicates,
            "found": plan.duplicates,
            "dropped": int((plan.splits == DROPPED).sum()),
            "contradictory": plan.contradictory,
        },
        "skipped": [{"where": record.key, "why": record.why} for record in bad[:_LISTED]],
        "skipped_count": len(bad),
    }


def write_splits_table(handle: TextIO, indexes: Sequence[Index], plan: Plan) -> None:
    """Writes every record's key, class and split, or why it has none, as CSV in reading order."""
    writer = csv.writer(handle, lineterminator="\n")
    writer.writerow(["key", "class", "group", "split", "dropped_because"])
    first = 0
    for index in indexes:
        for row, key in enumerate(index.keys):
            place = plan.splits[first + row]
            split, why = ("", "duplicate") if place == DROPPED else (SPLITS[place], "")
            group = index.groups[row] if index.groups else ""
            writer.writerow([key, index.classes[index.labels[row]], group, split, why])
        for record in index.bad:
            writer.writerow([record.key, "", "", "", record.why])
        first += len(index.keys)
