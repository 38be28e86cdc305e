"""Plans the splits: every record's place, and why a record has none."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from components.stratified_example_gen.order import order_of_digests
from components.stratified_example_gen.plan_reasons import (
    DUPLICATE,
    IN_A_SPLIT,
)
from components.stratified_example_gen.settings import SPLITS, DataSettings, SplitShares, SplitTime
from core.errors import InputError
from core.splitting import DROPPED, first_of_each, stratified_splits
from core.time_splitting import Borders

MIN_CLASS_COUNT = 3  # One example for each split.
UNGIVEN = -1
_CLASSES_SHOWN = 5
# Of equal records in several given splits, the most held out is the one to keep. Indexed by a given split;
# the last entry is that of UNGIVEN.
_HELD_OUT_RANK = np.array([("test", "eval", "train").index(name) for name in SPLITS] + [0])


@dataclass(frozen=True)
class Plan:
    """Where the records go.

    Attributes:
        splits: uint8 `(records,)`, index into SPLITS or DROPPED.
        repeats: bool `(records,)`, whether content and class repeat those of a record that is kept before it.
        moved: bool `(records,)`, whether the record stands in another split than the data ask for, because its
            content is held out there.
        contradictory: Number of records left whose content also stands under another class. They share a split.
        sets: int `(records,)`, equal for records that no split may part: those of a group, and equal ones.
        reasons: uint8 `(records,)`, why a record is in no split, see plan_reasons; None where all of them are duplicates.
        borders: Where splits by time begin; None of others.
    """

    splits: np.ndarray
    repeats: np.ndarray
    moved: np.ndarray
    contradictory: int
    sets: np.ndarray
    reasons: np.ndarray | None = None
    borders: Borders | None = None

    def set_names(self, digests: np.ndarray) -> np.ndarray | None:
        """Names the sets after what they hold, so that a set has its name in whatever order its records come.

        Args:
            digests: uint64 `(records, 2)`, equal for equal contents.

        Returns:
            int64 `(records,)`, above 0, or 0 for a record that is not in a split, or is alone in its set there.
            None where all are.
        """
        kept = np.flatnonzero(self.splits != DROPPED)
        sets, sizes = np.unique(self.sets[kept], return_inverse=True, return_counts=True)[1:]
        least = np.full(len(sizes), np.iinfo(np.uint64).max)
        np.minimum.at(least, sets, digests[kept, 0])
        names = np.zeros(len(self.splits), np.int64)
        names[kept] = np.where(sizes > 1, (least >> np.uint64(1)).astype(np.int64) | 1, 0)[sets]
        return names if names.any() else None

    @property
    def why_left_out(self) -> np.ndarray:
        """Why each record is in no split, uint8 `(records,)`; 0 for one that is in a split."""
        if self.reasons is not None:
            return self.reasons
        return np.where(self.splits == DROPPED, DUPLICATE, IN_A_SPLIT).astype(np.uint8)

    @property
    def duplicates(self) -> int:
        """Number of records whose content and class repeat another's."""
        return int(self.repeats.sum())


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
    repeats = ~first
    if settings.duplicates == "error":
        refuse_repeats(classes, labels, repeats)
    dropped = repeats & (settings.duplicates == "drop")
    kept = np.flatnonzero(~dropped)
    # Equal records share a split, dropped or not; in splits that are given they may stand where they do.
    _require_enough(classes, labels, repeats if isinstance(settings.splits, SplitShares) else dropped)
    splits = np.full(len(labels), DROPPED, np.uint8)
    order = order_of_digests(digests, seed)
    contradictory = contradictory_records(contents[kept], labels[kept])
    sets = contents if groups is None else joined_sets(contents, groups, kept)
    if isinstance(settings.splits, SplitShares):
        shares = np.array([settings.splits.as_dict()[name] for name in SPLITS])
        splits[kept] = stratified_splits(labels[kept], sets[kept], order[kept], shares)
        way_out = _why_unsplittable(sets[kept], groups is not None, repeats)
        _require_in(["train"], classes, labels, splits, way_out)
        for place, split in enumerate(SPLITS):
            if not (splits == place).any():
                raise InputError(f"No record is left for the {split} split. {way_out}")
        return Plan(splits, repeats, np.zeros(len(labels), bool), contradictory, sets)
    assert not isinstance(settings.splits, SplitTime), "see plan_by_time"
    splits[kept] = _most_held_out(contents, preferred)[kept]
    moved = (splits != given) & (given != UNGIVEN) & ~dropped
    if groups is not None:
        _require_whole(groups[kept], splits[kept])
    train = np.flatnonzero(splits == SPLITS.index("train"))
    if not (splits == SPLITS.index("eval")).any() and isinstance(settings.splits.eval, float):
        shares = np.array([1 - settings.splits.eval, settings.splits.eval])
        splits[train] = stratified_splits(labels[train], sets[train], order[train], shares)
    way_out = "Add some to the split that data.splits gives."
    if moved.any():
        way_out = (
            f"{moved.sum()} records were moved to the split in which an equal one is held out "
            f"({by_class(classes, labels, moved)}). {way_out}"
        )
    _require_in(["train", "test"], classes, labels, splits, way_out)
    return Plan(splits, repeats, moved, contradictory, sets)


def refuse_repeats(classes: list[str], labels: np.ndarray, repeats: np.ndarray) -> None:
    """Refuses records that repeat another.

    Raises:
        InputError: There are some.
    """
    if repeats.any():
        raise InputError(
            f"data.duplicates: {repeats.sum()} records repeat another one's content and class "
            f"({by_class(classes, labels, repeats)}). Remove them, or set data.duplicates to drop or keep_together."
        )


def joined_sets(contents: np.ndarray, groups: np.ndarray, kept: np.ndarray) -> np.ndarray:
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


def contradictory_records(contents: np.ndarray, labels: np.ndarray) -> int:
    """Counts the records whose content also stands under another class."""
    pairs = np.unique(np.stack([contents, labels]), axis=1)
    several = np.bincount(pairs[0], minlength=contents.max() + 1) > 1
    return int(several[contents].sum())


def by_class(classes: list[str], labels: np.ndarray, chosen: np.ndarray) -> str:
    """Says how many of each class's records are chosen, as in `claim: 3 of 5`, the hardest hit first."""
    of_class = np.bincount(labels, minlength=len(classes))
    counts = np.bincount(labels[chosen], minlength=len(classes))
    hit = sorted(np.flatnonzero(counts), key=lambda place: (-counts[place] / of_class[place], place))
    shown = [f"{classes[place]!r}: {counts[place]} of {of_class[place]}" for place in hit[:_CLASSES_SHOWN]]
    more = [f"and {len(hit) - len(shown)} more classes"] if len(hit) > len(shown) else []
    return ", ".join([*shown, *more])


def _require_enough(classes: list[str], labels: np.ndarray, repeats: np.ndarray) -> None:
    """Refuses a class that has too few records beside those that repeat another."""
    counts = np.bincount(labels[~repeats], minlength=len(classes))
    of_class = np.bincount(labels, minlength=len(classes))
    for name, count, total in zip(classes, counts, of_class, strict=True):
        if count < MIN_CLASS_COUNT:
            different, among = ("different ", f" among {total} records") if total > count else ("", "")
            raise InputError(
                f"Class {name!r} has {count} {different}example{'' if count == 1 else 's'}{among}; {MIN_CLASS_COUNT} "
                f"{different}are needed, one for each of train, eval and test. Collect more, or leave the class "
                "out of the data."
            )


def _why_unsplittable(sets: np.ndarray, has_groups: bool, repeats: np.ndarray) -> str:
    """Says what ties records together that cannot be split."""
    sizes = np.bincount(np.unique(sets, return_inverse=True)[1].reshape(-1))
    tied = f"Records that must share a split form {len(sizes)} sets, the largest of {sizes.max()} records"
    if has_groups:
        joined = (
            " Groups that hold equal records count as one: set data.duplicates to drop, or do without data.group."
            if repeats.any()
            else " Its groups are too few or too large to be split."
        )
        return f"{tied}.{joined}"
    return f"{tied}: equal records stay together. Add columns that tell them apart, or set data.duplicates to drop."


def _require_in(
    required: list[str], classes: list[str], labels: np.ndarray, splits: np.ndarray, way_out: str
) -> None:
    for split in required:
        held = np.bincount(labels[splits == SPLITS.index(split)], minlength=len(classes))
        for name, count in zip(classes, held, strict=True):
            if count == 0:
                raise InputError(f"Class {name!r} has no example in the {split} split. {way_out}")
