"""Fit of class weights to an objective, with their spread over resamples."""

from collections.abc import Mapping, Sequence

import numpy as np

from components.decision_calibrator.decision_weights import choose_weights
from components.decision_calibrator.rule import Rule
from components.decision_calibrator.rules.rule_kind import HeldOutRecords
from components.evaluation.bootstrap import num_resamples, quantiles_95, stratified_resamples
from components.evaluation.objectives import Objective

# Enough for an interval of 95 %; fewer where a search takes long.
_RESAMPLES, _FEWEST_RESAMPLES = 200, 20
_PROBABILITIES_SEARCHED = 2_000_000
# Weights are searched on so many records at most, every class keeping its share.
MOST_RECORDS = 100_000


def fit_weights(name: str, objective: Objective, records: HeldOutRecords) -> Rule:
    """Makes the rule whose class weights score best on held-out records.

    Args:
        name: Of the rule.
        objective: What is made as high as possible.
        records: Held-out records.
    """
    kept = _thinned(records.labels, MOST_RECORDS, records.seed)
    probabilities, labels, counts = (
        values[kept] for values in (records.probabilities, records.labels, records.weights)
    )
    weights = choose_weights(probabilities, labels, objective, records.seed, counts)
    budget = num_resamples(_PROBABILITIES_SEARCHED, probabilities.size, _FEWEST_RESAMPLES, _RESAMPLES)
    found = [
        choose_weights(
            probabilities[rows], labels[rows], objective, records.seed, counts[rows], start=weights
        )
        for rows in stratified_resamples(labels, budget, records.seed)
    ]
    return Rule.of_weights(name, weights, quantiles_95(found).T)


def floors_of(floors: Mapping[str, float], classes: Sequence[str]) -> np.ndarray:
    """Returns the floor of every class, float `(classes,)`, 0 where none is wanted."""
    return np.array([floors.get(name, 0.0) for name in classes])


def _thinned(labels: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Returns the rows of so many records at most, every class keeping its share and at least one record."""
    if len(labels) <= most:
        return np.arange(len(labels))
    random = np.random.default_rng(seed)
    of_class = (np.flatnonzero(labels == index) for index in np.unique(labels))
    share = most / len(labels)
    kept = [random.choice(rows, max(1, round(share * len(rows))), replace=False) for rows in of_class]
    return np.sort(np.concatenate(kept))
