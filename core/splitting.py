"""Assigns records to splits: exact by class, decided by the records alone."""

import numpy as np

from core.set_exchange import exchange_sets

DROPPED = 255  # Stands for "in no split" where splits are numbered.
_MAX_SWEEPS = 10
_SETS_PLACED_SINGLY = 40  # Of each content: enough to even out what all others leave.
_LEAST_GAIN = 1e-12


def split_counts(size: int, shares: np.ndarray, num_sets: int | None = None) -> np.ndarray:
    """Shares out a class's records by the method of largest remainders.

    Every split gets one where there are enough, even where its share asks for less; otherwise every
    count is within one of `size * share`. For 10 records and shares (0.7, 0.15, 0.15): (7, 2, 1).

    Args:
        size: Number of records, at least 0.
        shares: float `(splits,)`, summing to 1.
        num_sets: Number of sets the records come in, or None where each is on its own. Fewer sets than splits
            cannot stand in all of them.

    Returns:
        int64 `(splits,)`, summing to `size`.
    """
    asked = size * shares
    counts = np.floor(asked).astype(np.int64)
    # Rounding keeps equal remainders equal, which binary fractions are not.
    largest_first = np.argsort(-np.round(asked - counts, 9), kind="stable")
    counts[largest_first[: size - counts.sum()]] += 1
    if (size if num_sets is None else num_sets) >= len(shares):
        for empty in np.flatnonzero(counts == 0):
            counts[np.argmax(counts)] -= 1
            counts[empty] += 1
    return counts


def first_of_each(sets: np.ndarray, preferred: np.ndarray) -> np.ndarray:
    """Finds the record to keep of each set of equal ones.

    Args:
        sets: int `(records,)`, equal for equal records.
        preferred: int `(records,)`; of equal records the lowest is kept, then the one that stands first.

    Returns:
        bool `(records,)`, False for the duplicates.
    """
    rows = np.lexsort((np.arange(len(sets)), preferred, sets))
    fresh = np.ones(len(rows), bool)
    fresh[1:] = sets[rows[1:]] != sets[rows[:-1]]
    keep = np.zeros(len(rows), bool)
    keep[rows[fresh]] = True
    return keep


def stratified_splits(
    labels: np.ndarray, sets: np.ndarray, order: np.ndarray, shares: np.ndarray
) -> np.ndarray:
    """Splits records so that every class has its share in every split.

    Records of one set stay together. Sets of several are placed first, by `place_sets`; single records
    then fill every class up to the counts of `split_counts`, in their order. Without sets of several
    those counts are met exactly.

    Args:
        labels: int `(records,)`, index of the class.
        sets: int `(records,)`, equal for records that must stay together.
        order: uint64 `(records,)`, pseudo-random, decides between what is equally good.
        shares: float `(splits,)`, summing to 1.

    Returns:
        uint8 `(records,)`, index of the split.
    """
    splits = np.full(len(labels), DROPPED, np.uint8)
    num_classes = int(labels.max()) + 1
    rows = np.lexsort((order, sets))
    starts = np.flatnonzero(np.concatenate([[True], sets[rows[1:]] != sets[rows[:-1]]]))
    sizes = np.diff(np.append(starts, len(rows)))

    several = sizes > 1
    members, member_set = rows[np.repeat(several, sizes)], np.repeat(np.arange(several.sum()), sizes[several])
    single = rows[starts[~several]]
    content = np.zeros((several.sum(), num_classes), np.int64)
    np.add.at(content, (member_set, labels[members]), 1)
    num_sets = (content > 0).sum(axis=0) + np.bincount(labels[single], minlength=num_classes)
    counts = np.bincount(labels, minlength=num_classes)
    left = np.stack(
        [split_counts(size, shares, sets_of) for size, sets_of in zip(counts, num_sets, strict=True)]
    )
    places = place_sets(content, order[rows[starts[several]]], left)
    splits[members] = places[member_set]
    for split in range(len(shares)):
        left[:, split] -= content[places == split].sum(axis=0)

    for label in range(num_classes):
        own = single[labels[single] == label]
        own = own[np.argsort(order[own], kind="stable")]
        places = np.repeat(np.arange(len(shares), dtype=np.uint8), np.maximum(left[label], 0))
        splits[own] = places[: len(own)]
    return splits


def _share_out_alike(content: np.ndarray, order: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Places all but some 40 of the sets that have the same content, each split's share of them, in their order.

    In a table of few values most sets are alike, and to place each on its own would take time for nothing.

    Args:
        content: int `(sets, classes)`.
        order: uint64 `(sets,)`.
        counts: int `(classes, splits)`, records wanted.

    Returns:
        uint8 `(sets,)`, index of the split, or DROPPED for a set that is still to be placed.
    """
    places = np.full(len(content), DROPPED, np.uint8)
    if len(content) <= _SETS_PLACED_SINGLY:
        return places
    shares = counts.sum(axis=0) / counts.sum()
    _, alike, sizes = np.unique(content, axis=0, return_inverse=True, return_counts=True)
    alike = alike.reshape(-1)
    by_kind = np.lexsort((order, alike))
    ends = np.cumsum(sizes)
    for kind in np.flatnonzero(sizes > _SETS_PLACED_SINGLY):
        members = by_kind[ends[kind] - sizes[kind] : ends[kind]]
        amounts = np.floor((sizes[kind] - _SETS_PLACED_SINGLY) * shares).astype(np.int64)
        places[members[: amounts.sum()]] = np.repeat(np.arange(len(shares), dtype=np.uint8), amounts)
    return places


def place_sets(content: np.ndarray, order: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Places sets that stay whole so that every class comes near its count in every split.

    Of many sets with the same content most are shared out at once. The others are placed greedily: those that
    hold most of some class come first, each to where its classes are furthest below their counts. Then, from the
    lightest on, a set moves to another split wherever that lessens the sum of the squared deviations, each as a
    share of its class, until none does. What is left is lessened by `exchange_sets`.

    Args:
        content: int `(sets, classes)`, records of each class in each set.
        order: uint64 `(sets,)`, pseudo-random, decides between what is equally good.
        counts: int `(classes, splits)`, records wanted.

    Returns:
        uint8 `(sets,)`, index of the split.
    """
    sizes = np.maximum(counts.sum(axis=1), 1)
    # A rare class's shortfall weighs as much as a common one's: each is a share of its own size.
    weights = content / sizes
    heaviest = weights.max(axis=1)
    wanted = np.maximum(counts, 1)
    places = _share_out_alike(content, order, counts)
    left = counts.astype(np.float64)
    for split in range(counts.shape[1]):
        left[:, split] -= content[places == split].sum(axis=0)
    others = np.flatnonzero(places == DROPPED)
    for one in others[np.lexsort((order[others], -heaviest[others]))]:
        places[one] = np.argmax(weights[one] @ (left / wanted))
        left[:, places[one]] -= content[one]
    for _ in range(_MAX_SWEEPS):
        moved = False
        for one in others[np.lexsort((order[others], heaviest[others]))]:
            here = places[one]
            without = left.copy()
            without[:, here] += content[one]
            # What the squared deviations become with the set in each split, but for what all have in common.
            cost = (
                (content[one][:, None] ** 2 - 2 * content[one][:, None] * without) / sizes[:, None] ** 2
            ).sum(0)
            there = int(np.argmin(cost))
            if cost[there] < cost[here] - _LEAST_GAIN:
                places[one] = there
                left = without
                left[:, there] -= content[one]
                moved = True
        if not moved:
            break
    return exchange_sets(content, places, order, counts)
