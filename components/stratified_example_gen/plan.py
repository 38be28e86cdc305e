"""The plan of the splits: every record's place, and why a record has none."""

from dataclasses import dataclass

import numpy as np

from components.errors import InputError
from components.stratified_example_gen.order import order_of_digests
from components.stratified_example_gen.settings import SPLITS, DataSettings, SplitShares
from components.stratified_example_gen.splitting import DROPPED, first_of_each, stratified_splits

MIN_CLASS_COUNT = 3  # One example for each split.
UNGIVEN = -1
# Of equal records in several given splits, the most held out is the one to keep. Indexed by a given split;
# the last entry is that of UNGIVEN.
_HELD_OUT_RANK = np.array([("test", "eval", "train").index(name) for name in SPLITS] + [0])


@dataclass(frozen=True)
class Plan:
    """Where the records go.

    Attributes:
        splits: uint8 `(records,)`, index into SPLITS or DROPPED.
        duplicates: Number of records whose content and class repeat another's.
        contradictory: Number of records left whose content also stands under another class. They share a split.
    """

    splits: np.ndarray
    duplicates: int
    contradictory: int


def plan_splits(
    classes: list[str],
    labels: np.ndarray,
    digests: np.ndarray,
    given: np.ndarray,
    settings: DataSettings,
    seed: int,
) -> Plan:
    """Decides every record's split.

    Args:
        classes: Names of the classes.
        labels: int `(records,)`, index into `classes`.
        digests: uint64 `(records, 2)`, equal for equal contents.
        given: int8 `(records,)`, the split the data ask for as an index into SPLITS, or UNGIVEN.
        settings: The experiment's data settings.
        seed: Decides which of the possible plans is taken.

    Raises:
        InputError: Where there are duplicates and `duplicates` is "error", or a class has too few
            records to stand in every split.
    """
    _, contents = np.unique(digests, axis=0, return_inverse=True)
    contents = contents.reshape(-1)
    twins = contents * len(classes) + labels  # equal content and equal class
    preferred = _HELD_OUT_RANK[given]
    first = first_of_each(twins, preferred)
    duplicates = int(len(first) - first.sum())
    if duplicates and settings.duplicates == "error":
        raise InputError(
            f"data.duplicates: {duplicates} records repeat another one's content and class. "
            "Remove them, or set data.duplicates to drop or keep_together."
        )
    kept = np.flatnonzero(first | (settings.duplicates != "drop"))
    _require_enough(classes, labels[kept], "different " if duplicates else "")
    splits = np.full(len(labels), DROPPED, np.uint8)
    order = order_of_digests(digests, seed)
    contradictory = _contradictory(contents[kept], labels[kept])
    if isinstance(settings.splits, SplitShares):
        shares = np.array([settings.splits.as_dict()[name] for name in SPLITS])
        splits[kept] = stratified_splits(labels[kept], contents[kept], order[kept], shares)
        return Plan(splits, duplicates, contradictory)
    splits[kept] = _most_held_out(contents, preferred)[kept]
    train = np.flatnonzero(splits == SPLITS.index("train"))
    if not (splits == SPLITS.index("eval")).any() and isinstance(settings.splits.eval, float):
        shares = np.array([1 - settings.splits.eval, settings.splits.eval])
        splits[train] = stratified_splits(labels[train], contents[train], order[train], shares)
    _require_given(classes, labels, splits)
    return Plan(splits, duplicates, contradictory)


def _most_held_out(contents: np.ndarray, preferred: np.ndarray) -> np.ndarray:
    """Moves equal contents that stand in several given splits into the most held out of them."""
    ranks = np.full(contents.max() + 1, len(SPLITS))
    np.minimum.at(ranks, contents, preferred)
    return np.argsort(_HELD_OUT_RANK[: len(SPLITS)])[ranks[contents]].astype(np.uint8)


def _contradictory(contents: np.ndarray, labels: np.ndarray) -> int:
    """Counts the records whose content also stands under another class."""
    pairs = np.unique(np.stack([contents, labels]), axis=1)
    several = np.bincount(pairs[0], minlength=contents.max() + 1) > 1
    return int(several[contents].sum())


def _require_enough(classes: list[str], labels: np.ndarray, which: str) -> None:
    counts = np.bincount(labels, minlength=len(classes))
    for name, count in zip(classes, counts, strict=True):
        if count < MIN_CLASS_COUNT:
            raise InputError(
                f"Class {name!r} has {count} {which}example{'' if count == 1 else 's'}; {MIN_CLASS_COUNT} are needed, "
                "one for each of train, eval and test. Collect more, or leave the class out of the data."
            )


def _require_given(classes: list[str], labels: np.ndarray, splits: np.ndarray) -> None:
    for split in ("train", "test"):
        held = np.bincount(labels[splits == SPLITS.index(split)], minlength=len(classes))
        for name, count in zip(classes, held, strict=True):
            if count == 0:
                raise InputError(
                    f"Class {name!r} has no example in the {split} split that data.splits gives. "
                    f"Add some to {split}, or let the records be split by shares."
                )
