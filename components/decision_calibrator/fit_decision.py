"""Fit of calibration and decision rule, one after the other, to held-out records."""

from dataclasses import dataclass

import numpy as np

from components.decision_calibrator.calibration import Calibration, correct_prior, fit
from components.decision_calibrator.rule import Rule
from components.decision_calibrator.rules.rule_kind import HeldOutRecords
from components.decision_calibrator.rules.table import rule_kind
from components.decision_calibrator.settings import DecisionSettings


@dataclass(frozen=True)
class FittedDecision:
    """How a model's probabilities are calibrated, and how a decision is drawn from them."""

    calibration: Calibration
    rule: Rule


def fit_decision(
    settings: DecisionSettings,
    probabilities: np.ndarray,
    labels: np.ndarray,
    classes: list[str],
    implied_prior: np.ndarray,
    natural_prior: np.ndarray,
    seed: int,
) -> FittedDecision:
    """Fits calibration and rule on held-out records, whatever their class shares.

    Each record stands for as many as there are of its class where the model is used, so that the rule is fitted to
    what it will meet: an eval split that was given may be even where train and the place of use have a long tail.

    Args:
        settings: Method of calibration, prior and rule.
        probabilities: The network's, float `(n, classes)`.
        labels: Class indices, int `(n,)`.
        classes: Names in index order; every class that the settings name is one of them.
        implied_prior: Class shares the network learnt under, `(classes,)`.
        natural_prior: Class shares of train, which hold where the settings name no others, `(classes,)`.
        seed: Decides the resamples.
    """
    target = natural_prior
    if isinstance(settings.prior, dict):
        target = np.array([settings.prior[name] for name in classes])
    recorded = _shares(labels, len(classes))
    if settings.calibrate and len(labels):
        calibration = fit(probabilities, labels, implied_prior, recorded, target, settings.method)
    else:
        calibration = correct_prior(implied_prior, target)
    weights = (target / recorded)[labels]
    records = HeldOutRecords(calibration.apply(probabilities), labels, weights, tuple(classes), seed)
    return FittedDecision(calibration, rule_kind(settings.rule).fit(settings.rule, records))


def _shares(labels: np.ndarray, num_classes: int) -> np.ndarray:
    # A class without a record has a small share, not none: its evidence stays comparable.
    counts = np.maximum(np.bincount(labels, minlength=num_classes), 0.5)
    return counts / counts.sum()
