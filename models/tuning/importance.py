"""Importance of each setting of a search for the score."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

# With fewer trials a forest explains what chance did.
_LEAST_TRIALS = 6


def importance(
    hyperparameters: Sequence[Mapping[str, Any]], scores: Sequence[float | None], seed: int = 0
) -> dict[str, float]:
    """Measures how much worse a random forest explains the scores once a setting's values are shuffled.

    Numbers are taken as they are, other values by their place among the sorted ones; a setting that a trial
    does not have counts as a value of its own.

    Reference: Breiman, "Random Forests", 2001, https://doi.org/10.1023/A:1010933404324

    Args:
        hyperparameters: Settings of the trials, by key.
        scores: Scores of the trials.
        seed: Decides the forest and the shuffling.

    Returns:
        Shares by key, the largest first, that add up to 1; empty with too few trials or equal scores.
    """
    keys = sorted({key for one in hyperparameters for key in one})
    if len(scores) < _LEAST_TRIALS or not keys or np.ptp(np.asarray(scores, float)) == 0:
        return {}
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.inspection import permutation_importance

    columns = np.stack([_column([one.get(key) for one in hyperparameters]) for key in keys], axis=1)
    targets = np.asarray(scores, float)
    forest = RandomForestRegressor(n_estimators=200, random_state=seed).fit(columns, targets)
    losses = permutation_importance(forest, columns, targets, n_repeats=20, random_state=seed)
    shares = np.maximum(losses.importances_mean, 0)
    if shares.sum() == 0:
        return {}
    ranked = sorted(zip(keys, (shares / shares.sum()).tolist(), strict=True), key=lambda one: -one[1])
    return dict(ranked)


def _column(values: list[Any]) -> np.ndarray:
    given = [value for value in values if value is not None]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in given):
        # Below all others: a tree can tell it apart.
        missing = min(given, default=0.0) - 1
        return np.asarray([missing if value is None else value for value in values], float)
    texts = [json.dumps(value) for value in values]
    places = {text: place for place, text in enumerate(sorted(set(texts)))}
    return np.asarray([places[text] for text in texts], float)
