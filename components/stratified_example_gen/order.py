"""Orders records by themselves: a pseudo-random number from a seed and what the record is."""

import hashlib

import numpy as np


def order_of_text(text: str, seed: int) -> int:
    """Returns a number in [0, 2**64) that depends on `seed` and `text` alone."""
    hasher = hashlib.blake2b(text.encode(), digest_size=8, salt=(seed % 2**64).to_bytes(8, "little"))
    return int.from_bytes(hasher.digest(), "little")


def order_of_digests(digests: np.ndarray, seed: int) -> np.ndarray:
    """Mixes digests with a seed, by the finaliser of SplitMix64.

    Args:
        digests: uint64 `(records, 2)`.
        seed: Any integer.

    Returns:
        uint64 `(records,)`, equal where digest and seed are.

    Reference:
        Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators".
    """
    salt = np.uint64(order_of_text("order of digests", seed))
    with np.errstate(over="ignore"):
        mixed = digests[:, 0] ^ (digests[:, 1] * np.uint64(0x9E3779B97F4A7C15)) ^ salt
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
