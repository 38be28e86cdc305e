"""How sure it is that one model is better than another, from both models' answers to the same records."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from components.evaluation.classification_metrics import (
    average_precision,
    brier,
    confusion_margins,
    expected_calibration_error,
)
from components.evaluation.objectives import balanced_accuracy, macro_f1
from components.evaluation.promotion_gate import Answers

# Higher is better in all but the last two.
SCORES = (
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "worst_recall",
    "macro_average_precision",
    "brier",
    "ece",
)
_RESAMPLES = 1000
_RECORDS_RESAMPLED = 2_000_000


@dataclass(frozen=True)
class Difference:
    """A score of two models and what lies between them.

    Attributes:
        first: The first model's.
        second: The second model's.
        low: Lower end of the 95 % interval of `second - first`.
        high: Its upper end.
    """

    first: float
    second: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


def compare(
    classes: Sequence[str], labels: np.ndarray, first: Answers, second: Answers, seed: int = 0
) -> dict[str, Difference]:
    """Compares two models by every score in SCORES and every class's recall.

    The intervals are quantiles over bootstrap resamples of the records, drawn within each class, the same
    records for both models: what makes a record hard is hard for both, and cancels.

    Reference:
        Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.

    Args:
        classes: Class names in index order.
        labels: Class indices, int `(n,)`; every class has a record.
        first: One model's answers, decisions -1 for a class that is not among these.
        second: The other's.
        seed: Decides the resamples.

    Returns:
        Score, or "recall of <class>", to difference.
    """
    of_class = [np.flatnonzero(labels == index) for index in np.unique(labels)]
    num_resamples = int(np.clip(_RECORDS_RESAMPLED // len(labels), 100, _RESAMPLES))
    random = np.random.default_rng(seed)
    whole = [_scores(classes, labels, answers) for answers in (first, second)]
    drawn = []
    for _ in range(num_resamples):
        rows = np.concatenate([random.choice(place, len(place)) for place in of_class])
        drawn.append([_scores(classes, labels, answers, rows) for answers in (first, second)])
    differences = {}
    for name in whole[0]:
        between = [one[1][name] - one[0][name] for one in drawn]
        low, high = np.quantile(between, [0.025, 0.975])
        differences[name] = Difference(whole[0][name], whole[1][name], float(low), float(high))
    return differences


def _scores(
    classes: Sequence[str], labels: np.ndarray, answers: Answers, rows: np.ndarray | None = None
) -> dict[str, float]:
    if rows is None:
        rows = np.arange(len(labels))
    labels, probabilities = labels[rows], answers.probabilities[rows]
    margins = confusion_margins(labels, answers.decisions[rows], len(classes))
    hits, _, support = margins
    present = np.flatnonzero(support)
    recalls = hits[present] / support[present]
    ranked = [average_precision(labels == index, probabilities[:, index]) for index in present]
    scores = {
        "accuracy": hits.sum() / len(labels),
        "balanced_accuracy": balanced_accuracy(*margins),
        "macro_f1": macro_f1(*margins),
        "worst_recall": recalls.min(),
        "macro_average_precision": np.mean([value for value in ranked if value is not None]),
        "brier": brier(labels, probabilities),
        "ece": expected_calibration_error(labels, probabilities),
    }
    scores.update(
        {f"recall of {classes[index]}": recall for index, recall in zip(present, recalls, strict=True)}
    )
    return {name: float(value) for name, value in scores.items()}
