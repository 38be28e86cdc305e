"""Sets of classes that hold the true one as often as asked, for every class: class-conditional split-conformal prediction."""

import math
from dataclasses import dataclass

import numpy as np

from components.decision_calibrator.rules.rule_kind import HeldOutRecords

# Of a threshold: a held-out record on it must not fall out of its set where float32 rounds its probability down.
_ROUNDING = 1e-4


@dataclass(frozen=True)
class PredictionSets:
    """Puts a class into the set where its probability is at least its threshold.

    Attributes:
        coverage: Share of the records of each class whose sets hold it, in (0, 1).
        thresholds: Float `(classes,)`.
        num_records: Held-out records of each class, int `(classes,)`.
        own_weight: Weight of a class's own records in its threshold, float `(classes,)` in [0, 1]; that of all records has
            the rest. Below 1 where there are too few of the class.
    """

    coverage: float
    thresholds: np.ndarray
    num_records: np.ndarray
    own_weight: np.ndarray

    def contain(self, probabilities: np.ndarray) -> np.ndarray:
        """Returns which classes the sets hold, bool `(n, classes)`, for probabilities `(n, classes)`."""
        return probabilities >= self.thresholds


def fewest_records(coverage: float) -> int:
    """Returns the fewest records that a class needs for a threshold of its own.

    With n records the threshold is that of the `ceil((n + 1) coverage)`-th largest probability, of which there is none
    below `coverage / (1 - coverage)` records: 9 for a coverage of 0.9.
    """
    return math.ceil(coverage / (1 - coverage) - 1e-9)


def fit_prediction_sets(coverage: float, records: HeldOutRecords) -> PredictionSets:
    """Finds the threshold of every class.

    A class's own threshold is the `ceil((n + 1) coverage)`-th largest of the probabilities that its n held-out records
    have of it. Where new records are exchangeable with them, the set of a new one holds the class with probability
    `coverage` at least, and no more than `coverage + 1 / (n + 1)` without ties. A class with fewer than m =
    `fewest_records` has no such threshold: it gets `(n / m) a + (1 - n / m) b`, with a the smallest of its own
    probabilities and b the threshold of all records together, and no such guarantee. The threshold of all is that of the
    true classes' probabilities, each record standing for as many as there are where the model is used.

    References:
        Sadinle et al. (2019), "Least ambiguous set-valued classifiers with bounded error levels",
        https://arxiv.org/abs/1609.00451;
        Ding et al. (2023), "Class-conditional conformal prediction with many classes", https://arxiv.org/abs/2306.09335;
        Ding et al. (2025), "Conformal prediction for long-tailed classification", https://arxiv.org/abs/2507.06867, for the
        interpolation between the two thresholds, there with one weight for all classes.

    Args:
        coverage: Share of the records of each class whose sets are to hold it, in (0, 1).
        records: Held-out records, at least one.
    """
    probabilities, labels = records.probabilities, records.labels
    num_classes = probabilities.shape[1]
    of_truth = probabilities[np.arange(len(labels)), labels]
    of_all = _weighted_threshold(of_truth, records.weights, coverage)
    counts = np.bincount(labels, minlength=num_classes)
    own_weight = np.minimum(counts / fewest_records(coverage), 1.0)
    own = np.array([_threshold(of_truth[labels == index], coverage) for index in range(num_classes)])
    thresholds = np.where(counts > 0, own_weight * own + (1 - own_weight) * of_all, of_all)
    return PredictionSets(coverage, thresholds * (1 - _ROUNDING), counts, own_weight)


def _threshold(of_truth: np.ndarray, coverage: float) -> float:
    """Returns the `ceil((n + 1) coverage)`-th largest probability, the smallest where n are fewer; 0 without any."""
    if len(of_truth) == 0:
        return 0.0
    rank = math.ceil((len(of_truth) + 1) * coverage - 1e-9)
    return float(np.sort(of_truth)[::-1][min(rank, len(of_truth)) - 1])


def _weighted_threshold(of_truth: np.ndarray, weights: np.ndarray, coverage: float) -> float:
    """Returns the same with records that stand for several; a new record stands for as many as they do in the mean."""
    order = np.argsort(-of_truth, kind="stable")
    held = np.cumsum(weights[order])
    wanted = coverage * (held[-1] + held[-1] / len(held))
    place = int(np.searchsorted(held, wanted * (1 - 1e-12)))
    return float(of_truth[order][min(place, len(held) - 1)])
