"""Moves and swaps whole sets between splits, to bring every class nearer to its counts."""

import numpy as np

_MAX_EXCHANGES = 200
_CANDIDATES_PER_SPLIT = 400
_LEAST_GAIN = 1e-9


def exchange_sets(
    content: np.ndarray, places: np.ndarray, order: np.ndarray, counts: np.ndarray
) -> np.ndarray:
    """Exchanges sets until no exchange helps, the most helpful first, 200 at most.

    An exchange moves one set to another split, or swaps two sets of two splits, wherever that lessens the sum
    of the squared deviations. Their unit is two records, a thousandth of a class of more than 2,000, and a sixth
    of one of fewer than 12, which might else be left out of a split. Where no single set can be moved without harm
    to another class, two often can be swapped.

    Of each split the first 400 sets in `order` take part, so that time and memory do not grow with their number.

    Args:
        content: int `(sets, classes)`, records of each class in each set.
        places: uint8 `(sets,)`, index of the split.
        order: uint64 `(sets,)`, pseudo-random.
        counts: int `(classes, splits)`, records wanted.

    Returns:
        uint8 `(sets,)`, index of the split.
    """
    num_splits = counts.shape[1]
    sizes = counts.sum(axis=1)
    unit = np.maximum(np.clip(sizes / 6, 0.5, 2.0), sizes / 1000)[:, None]
    held = np.stack([content[places == split].sum(axis=0) for split in range(num_splits)], axis=1)
    lacking = (counts - held) / unit
    by_order = np.lexsort((np.arange(len(content)), order))
    candidates = np.concatenate(
        [by_order[places[by_order] == split][:_CANDIDATES_PER_SPLIT] for split in range(num_splits)]
    )
    weights = content[candidates] / unit.T
    here = places[candidates]
    for _ in range(_MAX_EXCHANGES):
        gain, first, second, there = _best_exchange(weights, here, lacking)
        if gain < _LEAST_GAIN:
            break
        left = here[first]
        change = weights[first] - (0 if second is None else weights[second])
        lacking[:, left] += change
        lacking[:, there] -= change
        here[first] = there
        if second is not None:
            here[second] = left
    exchanged = places.copy()
    exchanged[candidates] = here
    return exchanged


def _best_exchange(
    weights: np.ndarray, here: np.ndarray, lacking: np.ndarray
) -> tuple[float, int, int | None, int]:
    """Finds the exchange that lessens the sum of the squares of `lacking` most.

    With the vector w of a set, moving it from split p to split q changes the sum by 2 w (l_p - l_q) + 2 |w|^2,
    where l is what a split lacks. A swap of two sets changes it by what both moves do, less 4 w v for their vectors
    w and v.

    Returns:
        The gain; the set that moves; the one it is swapped with, or None; the split it moves to.
    """
    squares = (weights**2).sum(axis=1)
    best: tuple[float, int, int | None, int] = (0.0, 0, None, 0)
    members = [np.flatnonzero(here == split) for split in range(lacking.shape[1])]
    for one, of_one in enumerate(members):
        for other, of_other in enumerate(members):
            if one == other or not len(of_one):
                continue
            slope = lacking[:, one] - lacking[:, other]
            move = 2 * (weights[of_one] @ slope + squares[of_one])
            place = int(move.argmin())
            best = max(best, (-float(move[place]), int(of_one[place]), None, other), key=_gain)
            # A swap is the same seen from either side.
            if one < other and len(of_other):
                back = 2 * (squares[of_other] - weights[of_other] @ slope)
                swap = move[:, None] + back - 4 * (weights[of_one] @ weights[of_other].T)
                place, partner = divmod(int(swap.argmin()), len(of_other))
                best = max(
                    best,
                    (-float(swap[place, partner]), int(of_one[place]), int(of_other[partner]), other),
                    key=_gain,
                )
    return best


def _gain(exchange: tuple[float, int, int | None, int]) -> float:
    return exchange[0]
