"""Brier score and calibration error of stated probabilities."""

from dataclasses import dataclass

import numpy as np

# Guo et al. (2017) take as many.
NUM_BINS = 15


@dataclass(frozen=True)
class ConfidenceBins:
    """Records sorted into bins of equal width by the probability of their most probable class.

    Attributes:
        edges: Of the bins, rising from 0 to 1, float64 `(bins + 1,)`; each bin is open on the left.
        places: Each record's bin, int64 `(n,)`.
        confidence: Each record's largest probability, `(n,)`, of the probabilities' dtype.
        correct: Whether the most probable class is the right one, bool `(n,)`.
    """

    edges: np.ndarray
    places: np.ndarray
    confidence: np.ndarray
    correct: np.ndarray


def confidence_bins(
    labels: np.ndarray, probabilities: np.ndarray, num_bins: int = NUM_BINS
) -> ConfidenceBins:
    """Sorts records by confidence, as the calibration error and the reliability diagram do.

    Args:
        labels: Ints, shape `(n,)`.
        probabilities: Floats, shape `(n, k)`.
        num_bins: Number of bins.
    """
    confidence = probabilities.max(axis=1)
    edges = np.linspace(0, 1, num_bins + 1)
    places = np.digitize(confidence, edges[1:-1], right=True)
    return ConfidenceBins(edges, places, confidence, probabilities.argmax(axis=1) == labels)


def expected_calibration_error(
    labels: np.ndarray, probabilities: np.ndarray, num_bins: int = NUM_BINS
) -> float:
    """Returns the mean gap between confidence and accuracy of the most probable class.

    Σ_b (n_b / n) |accuracy_b - mean confidence_b| over the bins b, in [0, 1]; see ConfidenceBins.

    Args:
        labels: Ints, shape `(n,)`.
        probabilities: Floats, shape `(n, k)`.
        num_bins: Number of bins.

    Reference:
        Guo et al. (2017), On calibration of modern neural networks, https://arxiv.org/abs/1706.04599
    """
    bins = confidence_bins(labels, probabilities, num_bins)
    # n_b times the gap of a bin is the absolute sum of its differences, empty bins giving 0.
    gaps = np.bincount(bins.places, weights=bins.correct - bins.confidence, minlength=num_bins)
    return float(np.abs(gaps).sum() / len(labels))


def brier(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Returns the Brier score in its first, multi-class form: the mean squared distance to the one-hot label.

    (1/n) Σᵢ Σⱼ (pᵢⱼ - yᵢⱼ)², in [0, 2]; 0 is perfect. For two classes too it sums over both, which is twice
    the score of the positive class alone (scikit-learn's `brier_score_loss`).

    Args:
        labels: Ints, shape `(n,)`.
        probabilities: Floats, shape `(n, k)`.

    Reference:
        Brier (1950), Verification of forecasts expressed in terms of probability.
    """
    one_hot = np.eye(probabilities.shape[1])[labels]
    return float(np.mean(np.sum((probabilities - one_hot) ** 2, axis=1)))
