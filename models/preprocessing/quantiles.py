"""Quantiles: the values between equally large buckets of a column's values."""

import numpy as np


def quantiles(ascending: np.ndarray, num_buckets: int) -> np.ndarray:
    """Returns the least value, those between buckets, and the greatest.

    The i-th of `k` buckets ends at the value of rank `i (n - 1) / k`, the nearest one where that is no whole
    number, the higher of two that are equally near. So the middle one of an even number of buckets is the median,
    the higher of two.

    Example: 2 buckets of 1, 2, 3, 10 have the boundaries 1, 3 and 10.

    Args:
        ascending: At least one value, in ascending order, `(n,)`.
        num_buckets: The number of buckets, k.

    Returns:
        Ascending values out of those given, `(num_buckets + 1,)`.
    """
    places = np.arange(num_buckets + 1, dtype=np.int64) * (len(ascending) - 1)
    # In whole numbers: a float would round some of the halves down.
    return ascending[(2 * places + num_buckets) // (2 * num_buckets)]
