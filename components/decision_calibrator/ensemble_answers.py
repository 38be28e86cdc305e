"""Answers of an ensemble to the records it was trained on, as it would answer to new ones."""

import numpy as np
from scipy.special import log_softmax, logsumexp

from core.out_of_fold import OutOfFold


def ensemble_log_probabilities(out_of_fold: OutOfFold) -> np.ndarray:
    """Estimates what the mean of all members would say of each record, had none of them been trained on it.

    What a calibration is fitted on has to be like what it is used on. The one member that does not know a record
    answers more extremely than the mean of all, whose errors even out (Ranjan and Gneiting, 2010, "Combining
    probability forecasts", https://doi.org/10.1111/j.1467-9868.2009.00726.x). The others answer, too, but they have
    learnt the record's label. How much they have is estimated and taken out: along the gradient of the log loss,
    which is what has moved them,

        z'_m = z_m - g (y - p)

    with y the label, one-hot, and p what the member says that does not know it. The strength g is the ratio of the
    mean differences of class (others less that member) and the mean gradients of class. Means of class, because the
    record's own error is in its difference and in its gradient alike, and evens out over a class.

    The mean of the z' is what is returned. It is still a little more extreme than the ensemble is on new records:
    on the cautious side of it.

    Args:
        out_of_fold: Answers of two members at least.

    Returns:
        Log-probabilities, float64 `(records, classes)`.
    """
    log_probabilities = out_of_fold.log_probabilities.astype(np.float64)
    num_members, _, num_classes = log_probabilities.shape
    held_out = out_of_fold.answers.astype(np.float64)
    knows = (np.arange(num_members)[:, np.newaxis] != out_of_fold.folds)[:, :, np.newaxis]
    gradient = np.eye(num_classes)[out_of_fold.labels] - np.exp(held_out)
    # Logits are defined but for a number that all of a record's have in common.
    difference = log_probabilities - held_out
    difference -= difference.mean(axis=2, keepdims=True)
    difference = (difference * knows).sum(axis=0) / (num_members - 1)
    learnt = _strength(difference, gradient, out_of_fold.labels)
    unlearnt = log_softmax(log_probabilities - learnt * gradient * knows, axis=2)
    mean: np.ndarray = logsumexp(unlearnt, axis=0) - np.log(num_members)
    return mean


def _strength(difference: np.ndarray, gradient: np.ndarray, labels: np.ndarray) -> float:
    """Regresses differences on gradients by their means of class; 0 where the others have unlearnt."""
    product = square = 0.0
    for label in np.unique(labels):
        own = labels == label
        slope = gradient[own].mean(axis=0)
        product += own.sum() * (difference[own].mean(axis=0) @ slope)
        square += own.sum() * (slope @ slope)
    return max(product / square, 0.0) if square > 0 else 0.0
