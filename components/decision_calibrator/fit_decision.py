"""Fit of calibration, decision rule and what goes with it, one after the other, to held-out records."""

from dataclasses import dataclass

import numpy as np

from components.decision_calibrator.abstention import Abstention, fit_abstention
from components.decision_calibrator.calibration import Calibration, correct_prior, fit
from components.decision_calibrator.prediction_sets import PredictionSets, fit_prediction_sets
from components.decision_calibrator.record_cost_rule import RecordCostRule
from components.decision_calibrator.rule import Rule
from components.decision_calibrator.rules.rule_kind import HeldOutRecords
from components.decision_calibrator.rules.table import rule_kind
from components.decision_calibrator.settings import DecisionSettings
from components.decision_calibrator.unknown import Unknown


@dataclass(frozen=True)
class FittedDecision:
    """How a model's probabilities are calibrated, and how a decision is drawn from them.

    Attributes:
        calibration: Of the probabilities.
        rule: Draws the decision.
        abstention: Leaves records to a person; None where all are decided on.
        sets: Answers a set of classes besides; None where none are asked for.
        unknown: Calls records unknown; fitted apart, on embeddings, and None where none are.
    """

    calibration: Calibration
    rule: Rule
    abstention: Abstention | None = None
    sets: PredictionSets | None = None
    unknown: Unknown | None = None


def fit_decision(
    settings: DecisionSettings,
    probabilities: np.ndarray,
    labels: np.ndarray,
    classes: list[str],
    implied_prior: np.ndarray,
    natural_prior: np.ndarray,
    seed: int,
    amounts: np.ndarray | None = None,
) -> FittedDecision:
    """Fits calibration and rule on held-out records, whatever their class shares.

    Each record stands for as many as there are of its class where the model is used, so that the rule is fitted to
    what it will meet: an eval split that was given may be even where train and the place of use have a long tail.

    Args:
        settings: Method of calibration, prior, rule, abstention and coverage.
        probabilities: The network's, float `(n, classes)`.
        labels: Class indices, int `(n,)`.
        classes: Names in index order; every class that the settings name is one of them.
        implied_prior: Class shares the network learnt under, `(classes,)`.
        natural_prior: Class shares of train, which hold where the settings name no others, `(classes,)`.
        seed: Decides the resamples.
        amounts: Of the records, float `(n, columns)`, for costs that depend on some; None for others.
    """
    target = prior_of_use(settings, classes, natural_prior)
    recorded = _shares(labels, len(classes))
    if settings.calibrate and len(labels):
        calibration = fit(probabilities, labels, implied_prior, recorded, target, settings.method)
    else:
        calibration = correct_prior(implied_prior, target)
    weights = (target / recorded)[labels]
    records = HeldOutRecords(calibration.apply(probabilities), labels, weights, tuple(classes), seed, amounts)
    rule = (
        rule_kind(settings.rule).fit(settings.rule, records)
        if settings.costs is None
        else RecordCostRule.of(settings.costs, classes)
    )
    abstention = None if settings.abstain is None else fit_abstention(settings.abstain, rule, records)
    sets = None if settings.coverage is None else fit_prediction_sets(settings.coverage, records)
    return FittedDecision(calibration, rule, abstention, sets)


def prior_of_use(settings: DecisionSettings, classes: list[str], natural_prior: np.ndarray) -> np.ndarray:
    """Returns the class shares where the model is used, `(classes,)`: train's where the settings name no others."""
    if isinstance(settings.prior, dict):
        return np.array([settings.prior[name] for name in classes])
    return natural_prior


def _shares(labels: np.ndarray, num_classes: int) -> np.ndarray:
    # A class without a record has a small share, not none: its evidence stays comparable.
    counts = np.maximum(np.bincount(labels, minlength=num_classes), 0.5)
    return counts / counts.sum()
