"""Distances in the embeddings of several networks, as they would be of records that none of them was trained on."""

import numpy as np


def held_out_distances(distances: np.ndarray, held_out_of: np.ndarray) -> np.ndarray:
    """Estimates the mean distance of each held-out record, had no network been trained on it.

    The threshold of a mean has to be found by means: the distance in the one network that does not know a record scatters
    more. The others know it, and hold it closer to its class. As folds are parted at random, what a network knows and what
    it does not would lie alike but for that: a distance of a known record is replaced by the quantile that the network's
    held-out records have at the same rank.

    Args:
        distances: In each network's embedding, float `(networks, n)`.
        held_out_of: Which network was not trained on the record, int `(n,)`; below 0 where all were.

    Returns:
        Float64 `(held_out,)`, in the order of the records held out of any network.
    """
    as_held_out = np.array(distances, np.float64)
    for network, mine in enumerate(as_held_out):
        is_own = held_out_of == network
        if is_own.any() and len(distances) > 1:
            own, known = np.sort(mine[is_own]), mine[~is_own]
            mine[~is_own] = np.interp(_middle_ranks(known), _middle_ranks(own), own)
    return np.asarray(as_held_out.mean(axis=0)[held_out_of >= 0])


def _middle_ranks(values: np.ndarray) -> np.ndarray:
    """Returns the share of the values below each, equal ones counted half, float64 `(n,)`."""
    rising = np.sort(values)
    below, up_to = (np.searchsorted(rising, values, side) for side in ("left", "right"))
    return np.asarray((below + up_to) / (2 * len(values)))
