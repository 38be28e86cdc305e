"""Abstention: the doubt beyond which a decision is left to a person."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from components.decision_calibrator.abstain_settings import AbstainSettings
from components.decision_calibrator.rule import Rule
from components.decision_calibrator.rules.rule_kind import HeldOutRecords
from components.decision_calibrator.share_threshold import last_of_level, threshold_of_share, threshold_spread

# Below any doubt: where no record may be decided on.
_NO_DOUBT = -1.0
# Rounding of sums of weights must not turn down a record that just fits.
_SLACK = 1e-9


@dataclass(frozen=True)
class Abstention:
    """Leaves a record to a person where the rule's doubt is above a threshold.

    Attributes:
        asked: What was asked for: `max_share`, `max_error` or `cost`.
        value: Of that.
        threshold: Of the doubt; see `Rule.doubt`.
        spread: 2.5 %, 50 % and 97.5 % quantiles of the threshold over bootstrap resamples, float `(3,)`; None where it
            is not fitted.
        share: Of the held-out records, those abstained on.
        error: Of the others, those decided wrongly; None where there are none.
    """

    asked: str
    value: float
    threshold: float
    spread: np.ndarray | None
    share: float
    error: float | None

    def abstains(self, doubt: np.ndarray) -> np.ndarray:
        """Returns which records are left to a person, bool `(n,)`, for the doubts of their decisions, `(n,)`."""
        return doubt > self.threshold


def fit_abstention(settings: AbstainSettings, rule: Rule, records: HeldOutRecords) -> Abstention:
    """Finds the doubt beyond which a decision is left to a person.

    A cost is itself that threshold: the decision is left to a person where its expected cost is higher. A share or an
    error is held by as few abstentions as the order of the doubts allows, counted on held-out records as they stand
    where the model is used; records of equal doubt go together.

    References:
        Chow (1970), "On optimum recognition error and reject tradeoff", https://doi.org/10.1109/TIT.1970.1054406;
        Geifman and El-Yaniv (2017), "Selective classification for deep neural networks",
        https://arxiv.org/abs/1705.08500

    Args:
        settings: What is asked for.
        rule: Draws the decisions.
        records: Held-out records.
    """
    doubt = rule.doubt(records.probabilities, records.amounts)
    wrong = rule.decide(records.probabilities, records.amounts) != records.labels
    asked, value = next((name, one) for name, one in vars(settings).items() if one is not None)
    spread = None
    if settings.cost is not None:
        threshold = settings.cost
    else:
        find = _search(settings, doubt, wrong, rule.most_doubt or float(doubt.max(initial=0.0)))
        threshold = find(records.weights)
        spread = threshold_spread(find, records.weights, records.labels, records.seed)
    answered = doubt <= threshold
    total, kept = records.weights.sum(), records.weights[answered].sum()
    return Abstention(
        asked=asked,
        value=value,
        threshold=float(threshold),
        spread=spread,
        share=float(1 - kept / total) if total > 0 else 0.0,
        error=float((records.weights * wrong)[answered].sum() / kept) if kept > 0 else None,
    )


def _search(
    settings: AbstainSettings, doubt: np.ndarray, wrong: np.ndarray, most_doubt: float
) -> Callable[[np.ndarray], float]:
    """Returns the function from records' weights to the threshold."""
    if settings.max_share is not None:
        share = settings.max_share
        return lambda weights: threshold_of_share(doubt, weights, share, most_doubt)
    assert settings.max_error is not None
    error = settings.max_error
    return lambda weights: threshold_of_error(doubt, wrong, weights, error, most_doubt)


def threshold_of_error(
    doubt: np.ndarray, wrong: np.ndarray, weights: np.ndarray, error: float, ceiling: float
) -> float:
    """Returns the doubt up to which as many records are decided on as an error allows.

    Args:
        doubt: Float `(n,)`, at least 0.
        wrong: Whether each decision is wrong, bool `(n,)`.
        weights: How many records each stands for, float `(n,)`; some above 0.
        error: Most of those decided on that may be wrong, in (0, 1).
        ceiling: What no doubt exceeds.

    Returns:
        The middle between the highest doubt below it and the lowest above; below 0 where no record may be decided on.
    """
    order = np.argsort(doubt, kind="stable")
    order = order[weights[order] > 0]
    rising, counted = doubt[order], weights[order]
    last_of_doubt = last_of_level(rising)
    errors = (np.cumsum(counted * wrong[order]) / np.cumsum(counted))[last_of_doubt]
    fitting = np.flatnonzero(errors <= error + _SLACK)
    if len(fitting) == 0:
        return _NO_DOUBT
    levels = np.append(rising[last_of_doubt], ceiling)
    return float((levels[fitting[-1]] + levels[fitting[-1] + 1]) / 2)
