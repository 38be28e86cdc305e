"""The plan of the splits: every record's place, and why a record has none."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

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
    groups: np.ndarray | None = None,
) -> Plan:
    """Decides every record's split.

    Args:
        classes: Names of the classes.
        labels: int `(records,)`, index into `classes`.
        digests: uint64 `(records, 2)`, equal for equal contents.
        given: int8 `(records,)`, the split the data ask for as an index into SPLITS, or UNGIVEN.
        settings: The experiment's data settings.
        seed: Decides which of the possible plans is taken.
        groups: int `(records,)`, equal for records of one group, which stays in one split; None without groups.

    Raises:
        InputError: Where there are duplicates and `duplicates` is "error", a class has too few records to
            stand in every split, or a group stands in two given splits.
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
    sets = contents if groups is None else _joined(contents, groups, kept)
    if isinstance(settings.splits, SplitShares):
        shares = np.array([settings.splits.as_dict()[name] for name in SPLITS])
        splits[kept] = stratified_splits(labels[kept], sets[kept], order[kept], shares)
        _require_in(["train"], classes, labels, splits, "Its groups are too few or too large to be split.")
        return Plan(splits, duplicates, contradictory)
    splits[kept] = _most_held_out(contents, preferred)[kept]
    if groups is not None:
        _require_whole(groups[kept], splits[kept])
    train = np.flatnonzero(splits == SPLITS.index("train"))
    if not (splits == SPLITS.index("eval")).any() and isinstance(settings.splits.eval, float):
        shares = np.array([1 - settings.splits.eval, settings.splits.eval])
        splits[train] = stratified_splits(labels[train], sets[train], order[train], shares)
    _require_in(["train", "test"], classes, labels, splits, "Add some to the split that data.splits gives.")
    return Plan(splits, duplicates, contradictory)


def _joined(contents: np.ndarray, groups: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Joins the groups that share a content, int `(records,)`: all of them must stay in one split."""
    num_groups = int(groups.max()) + 1
    nodes = num_groups + int(contents.max()) + 1
    links = coo_matrix(
        (np.ones(len(kept)), (groups[kept], num_groups + contents[kept])), shape=(nodes, nodes)
    )
    _, component = connected_components(links, directed=False)
    return component[groups]


def _require_whole(groups: np.ndarray, splits: np.ndarray) -> None:
    pairs = np.unique(np.stack([groups, splits]), axis=1)
    crossing = np.flatnonzero(np.bincount(pairs[0]) > 1)
    if len(crossing):
        raise InputError(
            f"{len(crossing)} groups stand in more than one of the splits that the data give. A group must stay in "
            "one: move its records, or let the records be split by shares."
        )


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


def _require_in(
    required: list[str], classes: list[str], labels: np.ndarray, splits: np.ndarray, way_out: str
) -> None:
    for split in required:
        held = np.bincount(labels[splits == SPLITS.index(split)], minlength=len(classes))
        for name, count in zip(classes, held, strict=True):
            if count == 0:
                raise InputError(f"Class {name!r} has no example in the {split} split. {way_out}")
