"""Thinning of very many train records by the digests of their keys."""

import hashlib
from collections.abc import Iterable

import numpy as np

# A class keeps that many however small its share, so that every estimator can hold one out.
_FEWEST = 10


def digests(keys: Iterable[bytes], seed: int) -> np.ndarray:
    """Returns a number for each record key, uint64 `(n,)`, the same wherever it is computed."""
    hashed = (hashlib.blake2b(key, digest_size=8, key=seed.to_bytes(8, "little")).digest() for key in keys)
    return np.frombuffer(b"".join(hashed), np.uint64)


def highest_kept(of_class: dict[int, np.ndarray], most: int) -> dict[int, int]:
    """Thins all classes by the same share.

    Args:
        of_class: Class index to the digests of its records, uint64 `(records,)`.
        most: Most records to keep, roughly: a class keeps ten in any case.

    Returns:
        Class index to the highest digest that is kept.
    """
    total = sum(map(len, of_class.values()))
    highest = {}
    for index, numbers in of_class.items():
        kept = (
            len(numbers) if total <= most else min(len(numbers), max(_FEWEST, len(numbers) * most // total))
        )
        highest[index] = int(np.partition(numbers, kept - 1)[kept - 1])
    return highest
