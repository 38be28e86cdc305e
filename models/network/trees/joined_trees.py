"""Joins the trees of several fits into arrays that answer for each of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.network.trees.fitted_trees import FittedTrees


@dataclass(frozen=True)
class JoinedTrees:
    """Trees of several fits.

    Attributes:
        trees: All of them, those of one fit after the other's, over the features of all; `bias` is float32
            `(fits, outputs)`.
        group_sizes: Number of trees of each fit.
    """

    trees: FittedTrees
    group_sizes: tuple[int, ...]


def joined_trees(fits: Sequence[FittedTrees]) -> JoinedTrees:
    """Joins fits on the same columns, so that one look at a record answers for all of them.

    Every number is one of a fit's own: what a fit answers is the same to the last bit.

    Args:
        fits: At least one, of the same columns and outputs. Where depths differ, each has a border at infinity, as
            `exported_trees` gives them.

    Raises:
        ValueError: The fits differ in columns or outputs.
    """
    first = fits[0]
    if len({(fit.num_numeric, fit.categorical_sizes, fit.bias.shape) for fit in fits}) > 1:
        raise ValueError(
            "Only fits on the same columns, with the same outputs, are joined. Received: "
            + ", ".join(f"{fit.num_numeric} numbers, sizes {fit.categorical_sizes}" for fit in fits)
        )
    one_hot = np.logical_or.reduce([fit.one_hot for fit in fits])
    width = max(fit.statistics.shape[1] for fit in fits)
    depth = max(fit.splits.shape[1] for fit in fits)
    combinations = _firsts([len(fit.offsets) for fit in fits])
    alike = [
        _deepened(_widened(fit, one_hot, width, before), depth)
        for fit, before in zip(fits, combinations, strict=True)
    ]

    def together(name: str) -> np.ndarray:
        return np.concatenate([getattr(fit, name) for fit in alike])

    trees = replace(
        first,
        one_hot=one_hot,
        condition_features=together("condition_features"),
        condition_borders=together("condition_borders"),
        strides=_strides(alike),
        offsets=_moved([fit.offsets for fit in alike], [len(fit.statistics) for fit in alike]),
        statistics=together("statistics"),
        border_features=together("border_features"),
        borders=together("borders"),
        splits=_moved([fit.splits for fit in alike], [len(fit.borders) for fit in alike]),
        leaf_values=together("leaf_values"),
        bias=np.stack([fit.bias for fit in alike]),
    )
    return JoinedTrees(trees, tuple(fit.num_trees for fit in fits))


def _firsts(lengths: Sequence[int]) -> np.ndarray:
    """Returns the place of the first of each of several sequences, once they are one."""
    return np.cumsum([0, *lengths[:-1]])


def _widened(fit: FittedTrees, one_hot: np.ndarray, width: int, before: int) -> FittedTrees:
    """Numbers a fit's features as they come where other columns have flags too, and others' statistics before them."""
    sizes = np.array(fit.categorical_sizes, int)
    # Where the flags of each column begin, here and in all.
    own, of_all = (fit.num_numeric + np.cumsum([0, *(sizes * flags)]) for flags in (fit.one_hot, one_hot))
    plain = np.arange(own[-1])
    for column in np.flatnonzero(fit.one_hot):
        flags = np.arange(sizes[column])
        plain[own[column] + flags] = of_all[column] + flags
    combination, place = np.divmod(
        np.arange(fit.statistics.shape[1] * len(fit.offsets)), fit.statistics.shape[1]
    )
    places = np.concatenate([plain, of_all[-1] + (before + combination) * width + place]).astype(np.int32)
    return replace(
        fit,
        condition_features=places[fit.condition_features],
        border_features=places[fit.border_features],
        statistics=np.pad(fit.statistics, [(0, 0), (0, width - fit.statistics.shape[1])]),
    )


def _deepened(fit: FittedTrees, depth: int) -> FittedTrees:
    """Lets trees ask, last of all, whether a feature lies above infinity."""
    more = depth - fit.splits.shape[1]
    never = int(np.argmax(fit.borders))
    return replace(
        fit,
        splits=np.pad(fit.splits, [(0, 0), (0, more)], constant_values=never),
        leaf_values=np.pad(fit.leaf_values, [(0, 0), (0, 2**depth - fit.leaf_values.shape[1]), (0, 0)]),
    )


def _strides(fits: Sequence[FittedTrees]) -> np.ndarray:
    """Returns strides by which the categories count for all, and conditions for the fit that they are of."""
    num_columns = len(fits[0].categorical_sizes)
    conditions = np.zeros(
        (sum(len(fit.condition_borders) for fit in fits), sum(len(fit.offsets) for fit in fits)), np.int32
    )
    row = column = 0
    for fit in fits:
        own = fit.strides[num_columns:]
        conditions[row : row + own.shape[0], column : column + own.shape[1]] = own
        row, column = row + own.shape[0], column + own.shape[1]
    return np.concatenate([np.concatenate([fit.strides[:num_columns] for fit in fits], axis=1), conditions])


def _moved(numbers: Sequence[np.ndarray], lengths: Sequence[int]) -> np.ndarray:
    """Concatenates numbers of things that are themselves concatenated, so many of each fit."""
    moved = [of + first for of, first in zip(numbers, _firsts(lengths), strict=True)]
    return np.concatenate(moved).astype(np.int32)
