"""Confident learning: what held-out probabilities say against labels, class by class."""

import numpy as np

_LEAST = 1e-6  # Of a probability, so that its logarithm is one; float32 tells no less apart.


def class_confidences(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns the mean probability of each class among the records labelled with it.

    A rare class's probabilities are low where the model knows that it is rare. Held against this mean, and not against
    1 or the other classes', a record of a rare class can be as sure as any.

    Args:
        probabilities: Held-out float `(records, classes)`.
        labels: Class indices, int `(records,)`.

    Returns:
        float64 `(classes,)`; infinity for a class that no record is labelled with, so that none is held for it.

    Reference:
        Northcutt, Jiang, Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels",
        https://arxiv.org/abs/1911.00068 (the thresholds t_j).
    """
    num_classes = probabilities.shape[1]
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    counts = np.bincount(labels, minlength=num_classes)
    sums = np.bincount(labels, own, minlength=num_classes)
    return np.where(counts > 0, np.maximum(sums / np.maximum(counts, 1), _LEAST), np.inf)


def confident_classes(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns the class that each record is confidently counted as, int64 `(records,)`; -1 where it is none.

    It is the likeliest of the classes whose probability is at least its `class_confidences`. Records that are counted
    as another class than their label are the off-diagonal of the confident joint.

    Args:
        probabilities: Held-out float `(records, classes)`.
        labels: Class indices, int `(records,)`.

    Reference:
        Northcutt, Jiang, Chuang 2021, as above (equation 1).
    """
    reached = probabilities >= class_confidences(probabilities, labels)
    likeliest = np.argmax(np.where(reached, probabilities, -1.0), axis=1)
    return np.where(reached.any(axis=1), likeliest, -1)


def confidence_evidence(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns what the answers say for each class, `log(p_j) - log(t_j) / 2` with t of `class_confidences`.

    Without t, a rare record under a common label is hardly ever found; with the whole of it, as the confident joint has
    it, neither is a common record under a rare label, as any record is then as likely of a rare class as of a common one.

    Args:
        probabilities: Held-out float `(records, classes)`.
        labels: Class indices, int `(records,)`.

    Returns:
        float64 `(records, classes)`; minus infinity for a class that no record is labelled with.
    """
    halved = np.log(class_confidences(probabilities, labels)) / 2
    return np.log(np.maximum(probabilities.astype(np.float64), _LEAST)) - halved
