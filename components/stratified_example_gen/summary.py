"""Summarises the splits: counts, duplicates, and what was left out."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TextIO

import numpy as np

from components.stratified_example_gen.account import LISTED, account
from components.stratified_example_gen.class_names import refuse_look_alikes
from components.stratified_example_gen.corrections.corrections_summary import corrections_summary
from components.stratified_example_gen.images.near_duplicates import near_duplicates
from components.stratified_example_gen.index import Index
from components.stratified_example_gen.plan import Plan
from components.stratified_example_gen.plan_reasons import DUPLICATE, REPEATED_LATER, WORDS
from components.stratified_example_gen.records import BadRecord, LeftOut
from components.stratified_example_gen.settings import SPLITS, DataSettings, SplitShares
from core.canonical_text import clean_text
from core.documents.split_summary import Duplicates, LeftOutThing, NearDuplicates, Sighting, SplitSummary
from core.errors import InputError
from core.splitting import DROPPED
from core.spreadsheet_csv import SpreadsheetWriter
from core.times.written import written_time

_SHOWN = 5
_NAMED_PAIRS = 20


def raise_bad_records(indexes: Iterable[Index], on_bad_record: str) -> None:
    """Ends the reading where bad records are not to be skipped.

    Raises:
        InputError: Naming the first bad records and their number.
    """
    bad = [record for index in indexes for record in index.bad if not record.is_removed]
    if not bad or on_bad_record == "skip":
        return
    shown = "; ".join(f"{record.key} {record.why}" for record in bad[:_SHOWN])
    more = f"; and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
    raise InputError(f"{shown}{more}. Mend or remove what is bad, or set data.on_bad_record to skip.")


def class_index(indexes: Sequence[Index]) -> tuple[list[str], np.ndarray]:
    """Joins the chunks' classes into one sorted list.

    Returns:
        The classes as the model will know them, and int64 `(records,)`, index into them.

    Raises:
        InputError: Where there are fewer than two classes, two that look alike, or a class of which no record can be
            used.
    """
    counts: Counter[str] = Counter()
    for index in indexes:
        each = np.bincount(index.labels, minlength=len(index.classes)).tolist()
        counts.update(dict(zip(index.classes, each, strict=True)))
    refuse_look_alikes(counts, "The data")
    classes = sorted(map(clean_text, counts))
    if len(classes) < 2:
        raise InputError(
            f"The usable records have {len(classes)} classes{': ' if classes else ''}{', '.join(map(repr, classes))}. "
            "Classification needs at least two; is data.label right, or were the others skipped as bad records?"
        )
    bad = [record for index in indexes for record in index.bad]
    lost = {
        name: record
        for record in reversed(bad)
        if record.label is not None and (name := clean_text(record.label)) not in classes
    }
    if lost:
        name, first = min(lost.items())
        raise InputError(
            f"Of class {name!r} no record can be used: {first.key} {first.why}"
            f"{f'; nor of {len(lost) - 1} more classes' if len(lost) > 1 else ''}. Mend its records, or take them out "
            "of the data."
        )
    place = {name: number for number, name in enumerate(classes)}
    labels = [
        np.array([place[clean_text(name)] for name in index.classes], np.int64)[index.labels]
        for index in indexes
    ]
    return classes, np.concatenate(labels)


def group_index(indexes: Sequence[Index]) -> np.ndarray | None:
    """Numbers the groups over all chunks, int64 `(records,)`; None where there are no groups."""
    names = [name for index in indexes for name in index.groups]
    return np.unique(names, return_inverse=True)[1].reshape(-1) if names else None


def split_summary(
    classes: list[str],
    labels: np.ndarray,
    plan: Plan,
    indexes: Sequence[Index],
    settings: DataSettings,
    left_out: Sequence[LeftOut] = (),
) -> SplitSummary:
    """Counts what went where; columns, notes and images that look alike are added by whoever knows them."""
    bad = [record for index in indexes for record in index.bad]
    skipped = [record for record in bad if not record.is_removed]
    corrections = (
        {}
        if settings.corrections is None
        else {"corrections": corrections_summary(indexes, os.path.basename(settings.corrections))}
    )
    counts = {
        split: np.bincount(labels[plan.splits == place], minlength=len(classes))
        for place, split in enumerate(SPLITS)
    }
    return SplitSummary(
        splits=SPLITS,
        classes={
            name: {split: int(counts[split][number]) for split in SPLITS}
            for number, name in enumerate(classes)
        },
        duplicates=Duplicates(
            policy=settings.duplicates,
            found=plan.duplicates,
            dropped=int(np.isin(plan.why_left_out, (DUPLICATE, REPEATED_LATER)).sum()),
            moved=int(plan.moved.sum()),
            contradictory=plan.contradictory,
        ),
        deviation={
            name: _deviation(np.array([counts[split][number] for split in SPLITS]), settings)
            for number, name in enumerate(classes)
        },
        skipped=_listed(skipped),
        skipped_count=len(skipped),
        files_left_out=_listed(left_out),
        files_left_out_count=len(left_out),
        account=account(classes, labels, plan, bad, left_out),
        **corrections,
    )


def _listed(things: Sequence[BadRecord | LeftOut]) -> tuple[LeftOutThing, ...]:
    return tuple(LeftOutThing(where=one.key, why=one.why) for one in things[:LISTED])


def _deviation(counts: np.ndarray, settings: DataSettings) -> float | None:
    """Returns the most records that a class has too many or too few of in a split; None for given splits."""
    if not isinstance(settings.splits, SplitShares):
        return None
    asked = counts.sum() * np.array([settings.splits.as_dict()[split] for split in SPLITS])
    return round(float(np.abs(counts - asked).max()), 2)


def near_duplicate_summary(
    plan: Plan, indexes: Sequence[Index], with_keys: Iterable[Index]
) -> NearDuplicates:
    """Counts the pairs of images that look alike, and names the first of them.

    Args:
        plan: Where the records go.
        indexes: The chunks' indexes.
        with_keys: The same with the records' keys; read only where there is something to name.
    """
    hashes = np.concatenate([index.hashes for index in indexes])
    pairs = near_duplicates(hashes) if len(hashes) else np.empty((0, 2), np.int64)
    pairs = pairs[(plan.splits[pairs] != DROPPED).all(axis=1)]
    crosses = plan.splits[pairs[:, 0]] != plan.splits[pairs[:, 1]]
    shown = pairs[np.argsort(~crosses, kind="stable")][:_NAMED_PAIRS]
    wanted, keys = set(shown.ravel().tolist()), {}
    first = 0
    for index in with_keys if wanted else ():
        keys.update({first + row: key for row, key in enumerate(index.keys) if first + row in wanted})
        first += len(index.keys)

    def sighting(row: int) -> Sighting:
        return Sighting(key=keys[row], split=SPLITS[plan.splits[row]])

    return NearDuplicates(
        pairs=len(pairs),
        crossing=int(crosses.sum()),
        shown=tuple((sighting(first), sighting(second)) for first, second in shown.tolist()),
    )


def write_splits_table(
    handle: TextIO,
    indexes: Iterable[Index],
    plan: Plan,
    left_out: Sequence[LeftOut] = (),
    has_times: bool = False,
    has_corrections: bool = False,
) -> None:
    """Writes every record's key, class and split, or why it has none, as CSV in reading order.

    What is no record at all follows behind them. Where records have times, these stand in a column of their own. With
    corrections, a last column holds the class in the data of each record that has another one here, or is left out by them.
    """
    writer = SpreadsheetWriter(handle)
    why_left_out = plan.why_left_out
    timed = ["time"] if has_times else []
    more = ["class_in_data"] if has_corrections else []
    writer.writerow(["key", "class", "group", *timed, "split", "dropped_because", *more])
    first = 0
    for index in indexes:
        classes = [clean_text(name) for name in index.classes]
        were = {key: [clean_text(was)] for key, was, label in index.corrected if was != label}
        for row, key in enumerate(index.keys):
            place = plan.splits[first + row]
            split = "" if place == DROPPED else SPLITS[place]
            group = index.groups[row] if index.groups else ""
            time = [written_time(int(index.times[row]))] if has_times else []
            why = WORDS[why_left_out[first + row]]
            was = were.get(key, [""] * len(more))
            writer.writerow([key, classes[index.labels[row]], group, *time, split, why, *was])
        for record in index.bad:
            was = [clean_text(record.label or "") if record.is_removed else ""] * len(more)
            writer.writerow([record.key, record.label or "", "", *[""] * len(timed), "", record.why, *was])
        first += len(index.keys)
    for one in left_out:
        writer.writerow([one.key, "", "", *[""] * len(timed), "", one.why, *[""] * len(more)])
