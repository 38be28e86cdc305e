"""Plans splits by time: every record's place by its time, and why a record has none."""

import numpy as np

from components.stratified_example_gen.plan import (
    Plan,
    contradictory_records,
    joined_sets,
    refuse_repeats,
)
from components.stratified_example_gen.plan_reasons import CONTINUES, DUPLICATE, IN_GAP, REPEATED_LATER
from components.stratified_example_gen.settings import SPLITS, DataSettings, SplitTime
from components.stratified_example_gen.time_borders import time_borders
from core.errors import InputError
from core.splitting import DROPPED, first_of_each
from core.time_splitting import GAP, Borders, latest_splits
from core.times.written import written_time

# Of equal records the latest period's is kept, and none of a gap; indexed by the period.
_KEPT_FIRST = np.array([2, 1, 0, 3])


def plan_by_time(
    classes: list[str],
    labels: np.ndarray,
    digests: np.ndarray,
    times: np.ndarray,
    settings: DataSettings,
    groups: np.ndarray | None = None,
) -> Plan:
    """Decides every record's split by its time.

    A group, and a set of equal records, goes by its last record: those of its records that lie in the period of an
    earlier split are left out, so that neither stands in two splits, and all of train lies before eval less the gap, and
    all of eval before test less the gap.

    Args:
        classes: Names of the classes.
        labels: int `(records,)`, index into `classes`.
        digests: uint64 `(records, 2)`, equal for equal contents.
        times: int64 `(records,)`, microseconds since 1970.
        settings: The experiment's data settings, which split by time.
        groups: int `(records,)`, equal for records of one group; None without groups.

    Raises:
        InputError: There are repeats, and `duplicates` is "error"; the times leave no borders; or a class or a split is
            left without a record.
    """
    borders = time_borders(times, settings)
    periods = borders.periods(times)
    contents = np.unique(digests, axis=0, return_inverse=True)[1].reshape(-1)
    repeats = ~first_of_each(contents * len(classes) + labels, _KEPT_FIRST[periods])
    if settings.duplicates == "error":
        refuse_repeats(classes, labels, repeats)
    reasons = np.zeros(len(labels), np.uint8)
    reasons[repeats & (settings.duplicates == "drop")] = DUPLICATE
    reasons[periods == GAP] = IN_GAP
    kept = reasons == 0
    sets = contents if groups is None else joined_sets(contents, groups, np.flatnonzero(kept))
    of_kept = np.where(kept, periods, GAP)
    reasons[kept & (latest_splits(of_kept, sets) != periods)] = REPEATED_LATER
    if groups is not None:
        reasons[kept & (latest_splits(of_kept, groups) != periods)] = CONTINUES
    splits = np.where(reasons == 0, periods, DROPPED).astype(np.uint8)
    _require_every_class(classes, labels, times, splits, reasons, borders, settings)
    left = np.flatnonzero(splits != DROPPED)
    contradictory = contradictory_records(contents[left], labels[left])
    # Those that are left out for another reason are counted there.
    repeats &= (reasons == 0) | (reasons == DUPLICATE)
    return Plan(splits, repeats, np.zeros(len(labels), bool), contradictory, sets, reasons, borders)


def _require_every_class(
    classes: list[str],
    labels: np.ndarray,
    times: np.ndarray,
    splits: np.ndarray,
    reasons: np.ndarray,
    borders: Borders,
    settings: DataSettings,
) -> None:
    """Refuses a class that no split, or not every one, has a record of; it says when there are any."""
    counts = np.zeros((len(SPLITS), len(classes)), np.int64)
    inside = splits != DROPPED
    np.add.at(counts, (splits[inside], labels[inside]), 1)
    assert isinstance(settings.splits, SplitTime)
    begin = {"train": int(times.min()), "eval": borders.eval_from, "test": borders.test_from}
    for place, split in enumerate(SPLITS):
        for number in np.flatnonzero(counts[place] == 0):
            of_class = times[labels == number]
            held = ", ".join(f"{counts[row, number]:,} in {name}" for row, name in enumerate(SPLITS))
            raise InputError(
                f"data.splits.time: class {classes[number]!r} has no record in {split} ({held}). Its {len(of_class):,} "
                f"records reach from {written_time(int(of_class.min()))} to {written_time(int(of_class.max()))}; {split} begins "
                f"at {written_time(begin[split])}.{_left_out(reasons[labels == number])} "
                "Move the borders, or leave the class out of the data."
            )


def _left_out(reasons: np.ndarray) -> str:
    """Says, as sentences behind a space, how many records of a class are left out for what other records are."""
    said = ""
    if continuing := int((reasons == CONTINUES).sum()):
        said += (
            f" {continuing:,} of them are left out, as their group goes on in a later split: where a model may know a "
            "group when it meets it again, do without data.group."
        )
    if repeated := int((reasons == REPEATED_LATER).sum()):
        said += (
            f" {repeated:,} of them are left out, as an equal record stands in a later split: add columns that tell "
            "records apart."
        )
    return said
