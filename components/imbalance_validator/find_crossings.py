"""Finds what stands in several splits in the examples as they were written, and names it for people."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from tfx.dsl.io import fileio

from components.imbalance_validator.crossing import crossing_sets
from components.imbalance_validator.facts import Crossing
from components.imbalance_validator.shard_index import ShardIndex
from components.imbalance_validator.splits_table import groups_of, names_of

_SHOWN = 5


@dataclass(frozen=True)
class _Records:
    """All records, one row each: split, and digests of content and key."""

    splits: tuple[str, ...]
    places: np.ndarray
    contents: np.ndarray
    keys: np.ndarray

    def of_two_splits(self, rows: np.ndarray) -> list[int]:
        """Returns the first of some records, and the first that stands in another split."""
        return [int(rows[0]), int(rows[self.places[rows] != self.places[rows[0]]][0])]

    def splits_of(self, rows: np.ndarray) -> str:
        return " and ".join(self.splits[place] for place in np.unique(self.places[rows]))


def find_crossings(
    indexes: list[tuple[str, ShardIndex]], splits: tuple[str, ...], table: str, has_groups: bool
) -> dict[str, Crossing]:
    """Looks for contents, keys and groups in several splits.

    Where a record stands is taken from the shards, not from `splits.csv`, which only gives the names and
    the groups: a splitter that went wrong would not know it.

    Args:
        indexes: Split and index of every shard.
        splits: Names of the splits.
        table: Path of `splits.csv`.
        has_groups: Whether the records have groups.

    Returns:
        `contents`, `keys`, and `groups` where there are groups.
    """
    records = _Records(
        splits,
        np.concatenate([np.full(len(index.labels), splits.index(split)) for split, index in indexes]),
        np.concatenate([index.contents for _, index in indexes]),
        np.concatenate([index.keys for _, index in indexes]),
    )
    found = {
        "contents": _records_in_several(records, records.contents, table),
        "keys": _records_in_several(records, records.keys, table),
    }
    if has_groups:
        found["groups"] = _groups_in_several(records, table)
    return found


def _records_in_several(records: _Records, ids: np.ndarray, table: str) -> Crossing:
    sets = crossing_sets(ids, records.places)
    pairs = [records.of_two_splits(rows) for rows in sets[:_SHOWN]]
    names = _names(table, "key", records.keys[[row for pair in pairs for row in pair]])
    shown = (
        " = ".join(
            f"{names.get(tuple(records.keys[row].tolist()), '?')} ({records.splits[records.places[row]]})"
            for row in pair
        )
        for pair in pairs
    )
    return Crossing(len(sets), sum(map(len, sets)), tuple(shown))


def _groups_in_several(records: _Records, table: str) -> Crossing:
    with fileio.open(table, "rb") as handle:
        groups = groups_of(_lines(handle), records.keys)
    sets = crossing_sets(groups, records.places)
    names = _names(table, "group", groups[[rows[0] for rows in sets[:_SHOWN]]])
    shown = (
        f"{names.get(tuple(groups[rows[0]].tolist()), '?')!r} ({records.splits_of(rows)})"
        for rows in sets[:_SHOWN]
    )
    return Crossing(len(sets), sum(map(len, sets)), tuple(shown))


def _lines(table: Iterable[bytes]) -> Iterator[str]:
    """Reads a table without changing the line breaks in its cells."""
    return (line.decode(errors="surrogateescape") for line in table)


def _names(table: str, column: str, digests: np.ndarray) -> dict[tuple[int, ...], str]:
    if not len(digests) or not fileio.exists(table):
        return {}
    with fileio.open(table, "rb") as handle:
        return names_of(_lines(handle), column, {tuple(digest) for digest in digests.tolist()})
