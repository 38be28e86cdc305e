"""Chooses records without a class that are worth a label: doubtful ones, where a rare class is at stake, apart from each other."""

import numpy as np
from scipy.spatial.distance import cdist

_LEAST = 1e-12
# So many of the most doubtful records for each that is wanted are looked through for such as are not alike.
_CANDIDATES_EACH, _LEAST_CANDIDATES = 10, 200
_MOST_CANDIDATES = 4000


def rare_class_doubt(probabilities: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Returns how much a record is in doubt, the rare classes counting for more than their share.

    It is the entropy of `q_j = (p_j / sqrt(prior_j)) / sum_k p_k / sqrt(prior_k)`, as a share of the largest there is. Of
    p itself, what is doubtful lies between common classes; of `p_j / prior_j`, any record that nothing is known of is as
    doubtful as can be. Annotating about where a class is best told from the others, and about as much for each class, is
    the idea of DIRECT.

    Args:
        probabilities: float `(records, classes)`.
        prior: Class shares that they assume, float `(classes,)`, above 0.

    Returns:
        float64 `(records,)` in [0, 1].

    Reference:
        Nuggehalli, Zhang, Jain, Nowak 2023, "DIRECT: Deep Active Learning under Imbalance and Label Noise",
        https://arxiv.org/abs/2312.09196
    """
    weighted = probabilities.astype(np.float64) / np.sqrt(prior)
    shares = weighted / weighted.sum(axis=1, keepdims=True)
    entropy: np.ndarray = -(shares * np.log(np.maximum(shares, _LEAST))).sum(axis=1)
    return entropy / np.log(len(prior))


def spread_out(doubt: np.ndarray, embeddings: np.ndarray, most: int) -> np.ndarray:
    """Chooses doubtful records that are not alike.

    One after the other is chosen, with the highest product of doubt and the distance to the nearest one chosen before; a
    distance counts up to the median distance between nearest neighbours, beyond which records are different enough.

    Args:
        doubt: float `(records,)`, at least 0.
        embeddings: float `(records, units)`.
        most: Number of records wanted.

    Returns:
        int64 `(at most most,)`, indices in the order of the choice.
    """
    most = min(most, len(doubt))
    wide = min(max(_CANDIDATES_EACH * most, _LEAST_CANDIDATES), max(_MOST_CANDIDATES, most))
    candidates = np.argsort(-doubt, kind="stable")[:wide]
    places = embeddings[candidates].astype(np.float64)
    enough = _usual_distance(places)
    nearest = np.full(len(candidates), np.inf)
    chosen: list[int] = []
    gain_of = doubt[candidates] + _LEAST
    while len(chosen) < most:
        gain = gain_of * np.minimum(1, nearest / enough)
        gain[chosen] = -1
        one = int(np.argmax(gain))
        chosen.append(one)
        nearest = np.minimum(nearest, np.sqrt(((places - places[one]) ** 2).sum(axis=1)))
    return candidates[chosen].astype(np.int64)


def _usual_distance(places: np.ndarray) -> float:
    """Returns the median distance to the nearest other record, above 0."""
    if len(places) < 2:
        return 1.0
    apart = cdist(places, places)
    np.fill_diagonal(apart, np.inf)
    return float(np.median(apart.min(axis=1))) or 1.0
