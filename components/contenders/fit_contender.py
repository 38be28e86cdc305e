"""Fit of one contender, calibrated, decided and measured as the model is."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from components.contenders.estimators import Contender
from components.decision_calibrator.fit_decision import fit_decision
from components.decision_calibrator.record_costs import RecordCosts
from components.decision_calibrator.rule import Rule
from components.decision_calibrator.settings import DecisionSettings
from components.evaluation.classification_metrics import classification_metrics
from core.documents.contender_results import ContenderResult, ContenderRule
from core.documents.scores import Confusion, Summary


@dataclass(frozen=True)
class ContenderData:
    """Inputs of a contender and what its decision is fitted by.

    Attributes:
        train: Inputs and class indices to learn from: float `(n, columns)`, int `(n,)`.
        evaluation: Those that calibration and rule are fitted on.
        test: Those that are measured.
        classes: Names in index order; each has a record in train.
        decision: The experiment's.
        seed: Decides the resamples of the rule's fit.
        test_amounts: What the costs of the test records are made of, float `(n, columns)`; None where they depend on
            no column.
    """

    train: tuple[np.ndarray, np.ndarray]
    evaluation: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    classes: list[str]
    decision: DecisionSettings
    seed: int
    test_amounts: np.ndarray | None = None


def fit_contender(name: str, contender: Contender, data: ContenderData) -> ContenderResult:
    """Fits a contender on train, calibrates and decides by eval as the model's stage does, and measures on test.

    Two exceptions from the experiment's decision: the majority decides for the commonest class, whatever the
    rule; and logistic regression, which is known for what its threshold makes of it, gets the rule macro_f1 where
    the experiment says argmax.

    Args:
        name: Of the contender.
        contender: Its estimator.
        data: The splits and the decision.
    """
    start = time.monotonic()
    labels = data.train[1]
    estimator = contender.estimator.fit(*data.train)
    natural = np.bincount(labels, minlength=len(data.classes)) / len(labels)
    assumed = np.full(len(natural), 1 / len(natural)) if contender.assumes_balance else natural
    decision = fit_decision(
        _decision_settings(name, data.decision),
        _probabilities(estimator, data.evaluation[0]),
        data.evaluation[1],
        data.classes,
        assumed,
        natural,
        data.seed,
    )
    probabilities = decision.calibration.apply(_probabilities(estimator, data.test[0]))
    always_commonest = np.full(len(probabilities), natural.argmax())
    decisions = (
        always_commonest if name == "majority" else decision.rule.decide(probabilities, data.test_amounts)
    )
    metrics = classification_metrics(data.test[1], probabilities, data.classes, decisions)
    seconds = round(time.monotonic() - start, 2)
    return ContenderResult(
        summary=Summary(**metrics.summary),
        per_class=metrics.per_class,
        confusion=metrics.confusion,
        rule=_named_weights(decision.rule, data.classes),
        seconds=seconds,
        notes=(),
        **_mean_cost(decisions, data),
    )


def _mean_cost(decisions: np.ndarray, data: ContenderData) -> dict[str, float]:
    """Returns what a test record costs, as a field of the result; none where costs do not depend on the record."""
    if data.decision.costs is None:
        return {}
    costs, labels = RecordCosts.of(data.decision.costs, data.classes), data.test[1]
    stakes = costs.stakes(data.test_amounts, len(labels))
    return {"mean_cost": float(stakes.incurred(labels == costs.index, decisions == costs.index).mean())}


def not_fitted(reason: str) -> ContenderResult:
    """Returns the result of a contender that cannot take part, for a reason, a sentence."""
    return ContenderResult(
        summary=Summary(),
        per_class={},
        confusion=Confusion(),
        rule=ContenderRule(),
        seconds=0.0,
        notes=(reason,),
    )


def _probabilities(estimator: Any, inputs: np.ndarray) -> np.ndarray:
    return estimator.predict_proba(inputs).astype(np.float64)


def _named_weights(rule: Rule, classes: list[str]) -> ContenderRule:
    weights = None if rule.weights is None else dict(zip(classes, rule.weights.tolist(), strict=True))
    return ContenderRule(name=rule.name, weights=weights)


def _decision_settings(name: str, decision: DecisionSettings) -> DecisionSettings:
    if name == "majority":
        return decision.model_copy(update={"rule": "argmax", "costs": None})
    if decision.costs is not None:
        # What is left to a person would be fitted by amounts of eval, and is not asked of a contender.
        return decision.model_copy(update={"abstain": None})
    if name == "logistic_regression" and decision.rule == "argmax":
        return decision.model_copy(update={"rule": "macro_f1"})
    return decision
