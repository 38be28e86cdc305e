"""Assigns records to folds: by class alike, sets whole, decided by the records alone."""

import hashlib
from collections.abc import Sequence

import numpy as np

from core.splitting import stratified_splits


def assign_folds(
    labels: np.ndarray, sets: np.ndarray, keys: Sequence[bytes], asked: int, seed: int
) -> np.ndarray:
    """Assigns records to at most as many folds as asked for.

    There are fewer where a class comes in fewer sets: every fold is to hold some of each class, and without any
    one fold there must be some left to learn from.

    Args:
        labels: Class indices, int `(records,)`.
        sets: int64 `(records,)`, equal for records that must stay together, 0 for a record on its own.
        keys: Keys of the records, each its own.
        asked: Folds asked for, at least 1.
        seed: Decides between what is equally good.

    Returns:
        int64 `(records,)`, from 0. All 0 where not even two folds can be had.
    """
    alone = -1 - np.arange(len(sets))
    units = np.unique(np.where(sets == 0, alone, sets), return_inverse=True)[1].reshape(-1)
    order = _hashes(keys, seed)
    for folds in range(min(asked, _fewest_units(labels, units)), 1, -1):
        places = stratified_splits(labels, units, order, np.full(folds, 1 / folds)).astype(np.int64)
        if _stands_in_two(labels, places, folds):
            return places
    return np.zeros(len(labels), np.int64)


def _fewest_units(labels: np.ndarray, units: np.ndarray) -> int:
    """Returns the least number of sets that a class comes in."""
    pairs = np.unique(np.stack([labels, units]), axis=1)
    counts = np.bincount(pairs[0], minlength=int(labels.max()) + 1)
    return int(counts.min())


def _stands_in_two(labels: np.ndarray, places: np.ndarray, folds: int) -> bool:
    """Tells whether each class stands in two folds at least, and each fold holds something."""
    pairs = np.unique(np.stack([labels, places]), axis=1)
    counts = np.bincount(pairs[0], minlength=int(labels.max()) + 1)
    return bool((counts >= 2).all()) and len(np.unique(places)) == folds


def _hashes(keys: Sequence[bytes], seed: int) -> np.ndarray:
    salt = (seed % 2**64).to_bytes(8, "little")
    joined = b"".join(
        hashlib.blake2b(key, digest_size=8, salt=salt, person=b"folds").digest() for key in keys
    )
    return np.frombuffer(joined, "<u8")
