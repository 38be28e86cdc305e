"""Order of what is to be reviewed, in which the rare class has its turn."""

import numpy as np


def interleaved(scores: np.ndarray, concerns: np.ndarray, most: int) -> np.ndarray:
    """Orders records so that each class that they concern has its turn.

    Within a class the highest scores come first. A class's turns are in proportion to the square root of the sum of its
    scores, which is about how many mistakes are expected there, dealt by Sainte-Laguë's method: by the sum itself, a
    common class with a hundred mistakes would hide the five of a rare one; with equal turns, a class without any
    would take as many as one full of them.

    Args:
        scores: float `(records,)`, at least 0; records with 0 are left out.
        concerns: int `(records,)`, the class that each concerns.
        most: Number of records wanted.

    Returns:
        int64 `(at most most,)`, indices of the records in order.
    """
    queues: list[np.ndarray] = []
    weights = []
    for place in np.unique(concerns):
        members = np.flatnonzero((concerns == place) & (scores > 0))
        queues.append(members[np.argsort(-scores[members], kind="stable")])
        weights.append(np.sqrt(scores[members].sum()))
    # The n-th record of a queue is dealt at (n - 1/2) / weight.
    turns = [
        (np.arange(len(queue)) + 0.5) / max(weight, 1e-12)
        for queue, weight in zip(queues, weights, strict=True)
    ]
    if not queues:
        return np.empty(0, np.int64)
    rows, when = np.concatenate(queues), np.concatenate(turns)
    return rows[np.lexsort((-scores[rows], when))][:most].astype(np.int64)


def rarer_class(first: np.ndarray, second: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Returns the rarer of two classes each, which a mistake between them costs more.

    Args:
        first: Class indices, int `(records,)`.
        second: Likewise; of equally rare ones this is taken.
        counts: Number of records of each class, int `(classes,)`.
    """
    return np.where(counts[first] < counts[second], first, second)
