"""A decision rule: the class whose score, linear in the probabilities, is the highest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from components.decision_calibrator.decision_weights import choose_weights
from components.decision_calibrator.settings import CostMatrix, DecisionSettings, MinPrecision, MinRecall
from components.evaluation.objectives import (
    Objective,
    balanced_accuracy,
    macro_f1,
    with_precision_floor,
    with_recall_floor,
)

# Enough for an interval of 95 %; fewer where a search takes long.
_RESAMPLES, _FEWEST_RESAMPLES = 200, 20
_RECORDS_SEARCHED = 2_000_000
# Weights are searched on so many records at most, every class keeping its share.
MOST_RECORDS = 100_000


@dataclass(frozen=True)
class Rule:
    """Decides for the class of the largest entry of `probabilities @ matrix`, the first of them on a tie.

    Attributes:
        name: As in the experiment.
        matrix: Float `(classes, classes)`. For class weights their diagonal; for costs the costs, negative.
        weights: Class weights, float `(classes,)`, or None for costs.
        spread: 2.5 %, 50 % and 97.5 % quantiles of each class's weight over bootstrap resamples, float
            `(classes, 3)`, or None where the rule is not fitted.
    """

    name: str
    matrix: np.ndarray
    weights: np.ndarray | None = None
    spread: np.ndarray | None = None

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """Returns class indices, int64 `(n,)`, for probabilities `(n, classes)`."""
        return np.argmax(probabilities @ self.matrix, axis=1)

    def thresholds(self) -> np.ndarray | None:
        """Returns, for two classes with weights, the probability above which each is decided for, `(2,)`.

        `w_1 p > w_0 (1 - p)` holds above `p = w_0 / (w_0 + w_1)`.
        """
        if self.weights is None or len(self.weights) != 2:
            return None
        return self.weights[::-1] / self.weights.sum()


def fit_rule(
    settings: DecisionSettings,
    probabilities: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    seed: int,
    record_weights: np.ndarray | None = None,
) -> Rule:
    """Makes the rule an experiment asks for, out of calibrated probabilities of held-out records.

    Args:
        settings: Names the rule.
        probabilities: Calibrated, float `(n, classes)`.
        labels: Class indices, int `(n,)`.
        classes: Class names in index order; every class that the settings name is one of them.
        seed: Decides the resamples.
        record_weights: How many records each stands for where the rule is used, float `(n,)`; None counts
            each once.
    """
    if settings.rule == "argmax":
        return Rule("argmax", np.eye(len(classes)), np.ones(len(classes)))
    if isinstance(settings.rule, CostMatrix):
        return Rule("cost_matrix", -cost_matrix(settings.rule.cost_matrix, classes))
    name, objective = _objective(settings.rule, classes)
    counts = np.ones(len(labels)) if record_weights is None else record_weights
    kept = _some_of_each_class(labels, MOST_RECORDS, seed)
    records = probabilities[kept], labels[kept], counts[kept]
    weights = choose_weights(*records[:2], objective, seed, records[2])
    spread = _spread(*records, objective, weights, seed)
    return Rule(name, np.diag(weights), weights, spread)


def cost_matrix(costs: dict[str, dict[str, float]], classes: Sequence[str]) -> np.ndarray:
    """Returns costs by true class (row) and decided class (column), float `(classes, classes)`.

    What is not listed costs 1, and 0 on the diagonal.

    Reference:
        Elkan (2001), "The foundations of cost-sensitive learning".
    """
    return np.array(
        [
            [costs.get(true, {}).get(decided, 0.0 if true == decided else 1.0) for decided in classes]
            for true in classes
        ]
    )


def _objective(rule: Any, classes: Sequence[str]) -> tuple[str, Objective]:
    if isinstance(rule, MinRecall):
        return "min_recall", with_recall_floor(_floors(rule.min_recall, classes))
    if isinstance(rule, MinPrecision):
        return "min_precision", with_precision_floor(_floors(rule.min_precision, classes))
    return rule, {"macro_f1": macro_f1, "balanced_accuracy": balanced_accuracy}[rule]


def _floors(floors: dict[str, float], classes: Sequence[str]) -> np.ndarray:
    return np.array([floors.get(name, 0.0) for name in classes])


def _spread(
    probabilities: np.ndarray,
    labels: np.ndarray,
    counts: np.ndarray,
    objective: Objective,
    weights: np.ndarray,
    seed: int,
) -> np.ndarray:
    """Returns quantiles of the weights over resamples that keep every class's number of records."""
    num_resamples = int(np.clip(_RECORDS_SEARCHED // probabilities.size, _FEWEST_RESAMPLES, _RESAMPLES))
    random = np.random.default_rng(seed)
    of_class = [np.flatnonzero(labels == index) for index in np.unique(labels)]
    found = []
    for _ in range(num_resamples):
        drawn = np.concatenate([random.choice(rows, len(rows)) for rows in of_class])
        found.append(
            choose_weights(probabilities[drawn], labels[drawn], objective, seed, counts[drawn], start=weights)
        )
    return np.quantile(found, [0.025, 0.5, 0.975], axis=0).T


def _some_of_each_class(labels: np.ndarray, most: int, seed: int) -> np.ndarray:
    if len(labels) <= most:
        return np.arange(len(labels))
    random = np.random.default_rng(seed)
    of_class = [np.flatnonzero(labels == index) for index in np.unique(labels)]
    share = most / len(labels)
    return np.sort(
        np.concatenate(
            [random.choice(rows, max(1, round(share * len(rows))), replace=False) for rows in of_class]
        )
    )
