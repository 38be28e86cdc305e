"""Cost of decisions on the test records, of the rule and of simpler ones, where costs depend on the record."""

from collections.abc import Mapping

import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.bootstrap import num_resamples, quantiles_95, resample_weights
from components.evaluation.stakes import Stakes
from core.documents.decision_scores import Rate
from core.documents.money import CostPoint, MoneyScores, PolicyCost

_RESAMPLES, _FEWEST_RESAMPLES = 1000, 200
_RECORDS_DRAWN = 20_000_000
# Points of the curve that are kept; a threshold that is kept has its exact cost.
_MOST_POINTS = 200


def money_scores(records: AnsweredRecords, class_name: str, stakes: Stakes) -> MoneyScores:
    """Counts what the rule costs on test, and what simpler rules do.

    The intervals are of bootstrap resamples of the records, the same for all rules, as amounts weigh more in the
    spread than numbers of records do.

    Reference:
        Bahnsen et al. (2014), "Example-dependent cost-sensitive logistic regression for credit scoring", for the savings,
        https://doi.org/10.1109/ICMLA.2014.48

    Args:
        records: The test records, at least one.
        class_name: The class that is acted on.
        stakes: What is at stake with each record.
    """
    index = records.classes.index(class_name)
    is_class = records.labels == index
    acts = {
        "rule": records.decisions == index,
        "argmax": records.probabilities.argmax(axis=1) == index,
        "always_no": np.zeros(len(is_class), bool),
        "always_yes": np.ones(len(is_class), bool),
    }
    costs = np.stack([stakes.incurred(is_class, one) for one in acts.values()], axis=1)
    drawn = _resampled_means(costs)
    policies = _policies(acts, costs, drawn)
    curve = cost_curve(records.probabilities[:, index], is_class, stakes)
    best = min(curve, key=lambda point: point.mean)
    return MoneyScores(
        class_name=class_name,
        n=len(is_class),
        **policies,
        savings=_savings(costs.mean(axis=0), drawn),
        best_threshold=best,
        curve=thinned(curve),
    )


def _policies(acts: Mapping[str, np.ndarray], costs: np.ndarray, drawn: np.ndarray) -> dict[str, PolicyCost]:
    """Returns what each way to decide costs; the first is the rule."""
    total, means = len(costs), costs.mean(axis=0)
    policies = {}
    for place, (name, acted) in enumerate(acts.items()):
        mean = _rate(float(means[place]), drawn[:, place])
        dearer = _rate(float(means[place] - means[0]), drawn[:, place] - drawn[:, 0])
        policies[name] = PolicyCost(
            acted=int(acted.sum()),
            total=_rate(float(costs[:, place].sum()), total * drawn[:, place]),
            mean=mean,
            dearer=dearer,
        )
    return policies


def cost_curve(probability: np.ndarray, is_class: np.ndarray, stakes: Stakes) -> list[CostPoint]:
    """Computes what one threshold for all records costs, for every threshold that makes a difference.

    Args:
        probability: Of the class, float `(n,)`, at least one.
        is_class: Whether the class is true, bool `(n,)`.
        stakes: What is at stake with each record.

    Returns:
        A point for each distinct probability, at which those above are acted on, falling; and one below all of them,
        at which all are: that of a probability of 0 is just below 0.
    """
    order = np.argsort(-probability, kind="stable")
    falling = probability[order].astype(np.float64)
    no_acts = np.zeros(len(order), bool)
    passing = stakes.incurred(is_class, no_acts)
    change = (stakes.incurred(is_class, ~no_acts) - passing)[order]
    # Before the first of each distinct probability: as many as are above it.
    starts = np.flatnonzero(np.append(True, falling[1:] < falling[:-1]))
    acted = np.append(starts, len(order))
    totals = passing.sum() + np.append(0.0, np.cumsum(change))[acted]
    below = 0.0 if falling[-1] > 0 else -1.0
    thresholds = np.append(falling[starts], below)
    return [
        CostPoint(threshold=threshold, acted=count, mean=total / len(order))
        for threshold, count, total in zip(thresholds.tolist(), acted.tolist(), totals.tolist(), strict=True)
    ]


def thinned(curve: list[CostPoint]) -> tuple[CostPoint, ...]:
    """Returns some points of a long curve: the ends, the lowest, and those at equal steps of records acted on.

    Half of the steps are of the logarithm, as what is rare is found among the first.
    """
    if len(curve) <= _MOST_POINTS:
        return tuple(curve)
    acted = np.array([point.acted for point in curve])
    even = np.linspace(0, acted[-1], _MOST_POINTS // 2)
    by_factors = np.geomspace(1, acted[-1], _MOST_POINTS // 2 - 3)
    places = np.searchsorted(acted, np.concatenate([even, by_factors])).tolist()
    lowest = min(range(len(curve)), key=lambda place: curve[place].mean)
    return tuple(curve[place] for place in sorted({0, lowest, len(curve) - 1, *places}))


def _resampled_means(costs: np.ndarray) -> np.ndarray:
    """Returns mean costs over bootstrap resamples of the records, `(resamples, policies)`."""
    size = len(costs)
    count = num_resamples(_RECORDS_DRAWN, size, _FEWEST_RESAMPLES, _RESAMPLES)
    return np.array([weights @ costs / size for weights in resample_weights(size, count, seed=0)])


def _savings(means: np.ndarray, drawn: np.ndarray) -> Rate:
    """Returns `1 - cost of the rule / cost of the cheaper of always_no and always_yes`, of columns in that order."""
    if means[2:].min() <= 0:
        return Rate(value=None, low=None, high=None)
    cheaper = drawn[:, 2:].min(axis=1)
    defined = cheaper > 0
    return _rate(float(1 - means[0] / means[2:].min()), 1 - drawn[defined, 0] / cheaper[defined])


def _rate(value: float, drawn: np.ndarray) -> Rate:
    low, _, high = quantiles_95([[one] for one in drawn.tolist()])[:, 0].tolist()
    return Rate(value=value, low=low, high=high)
