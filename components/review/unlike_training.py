"""Records unlike anything trained on: farther from every class than nearly all held-out records are."""

import numpy as np

from components.decision_calibrator.class_distance import fit_class_distance

# Share of the held-out records that may lie as far off.
_RARE = 0.01


def unlike_training(
    trained: np.ndarray, labels: np.ndarray, held_out: np.ndarray, new: np.ndarray, seed: int
) -> np.ndarray:
    """Returns how unlike all that was trained on new records are.

    Args:
        trained: Embeddings of the records that were trained on, float `(n, units)`.
        labels: Their class indices, int `(n,)`.
        held_out: Embeddings of records that were not, float `(m, units)`, by which what is usual is known.
        new: Embeddings of new records, float `(k, units)`.
        seed: See fit_class_distance.

    Returns:
        float64 `(k,)` in [0, 1]: the share of the held-out records that lie nearer to a class, where no more than one in a
        hundred lies as far off, counting the new one; else 0.
    """
    if not len(new):
        return np.zeros(0)
    measure = fit_class_distance(trained, labels, seed)
    usual = np.sort(measure.of(held_out))
    nearer = np.searchsorted(usual, measure.of(new), side="left")
    as_far = (len(usual) - nearer + 1) / (len(usual) + 1)
    return np.where(as_far <= _RARE, nearer / max(len(usual), 1), 0.0)
