"""One contender fitted, decided and measured as the model is."""

import time
from dataclasses import dataclass

import numpy as np

from components.contenders.estimators import Contender
from components.decision_calibrator.decide_how import decide_how
from components.decision_calibrator.settings import DecisionSettings
from components.evaluation.classification_metrics import classification_metrics
from core.documents.contender_results import ContenderResult, ContenderRule
from core.documents.scores import Confusion, Summary


@dataclass(frozen=True)
class Course:
    """What a contender runs over.

    Attributes:
        train: Inputs and class indices to learn from: float `(n, columns)`, int `(n,)`.
        evaluation: Those that calibration and rule are fitted on.
        test: Those that are measured.
        classes: Names in index order; each has a record in train.
        decision: The experiment's.
        seed: Decides the resamples of the rule's fit.
    """

    train: tuple[np.ndarray, np.ndarray]
    evaluation: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    classes: list[str]
    decision: DecisionSettings
    seed: int


def compete(name: str, contender: Contender, course: Course) -> ContenderResult:
    """Fits a contender on train, calibrates and decides by eval as the model's stage does, and measures on test.

    Two exceptions from the experiment's decision: the majority decides for the commonest class, whatever the
    rule; and logistic regression, which is known for what its threshold makes of it, gets the rule macro_f1 where
    the experiment says argmax.

    Args:
        name: Of the contender.
        contender: Its estimator.
        course: The data.
    """
    start = time.monotonic()
    labels = course.train[1]
    estimator = contender.estimator.fit(*course.train)
    natural = np.bincount(labels, minlength=len(course.classes)) / len(labels)
    assumed = np.full(len(natural), 1 / len(natural)) if contender.assumes_balance else natural
    settings = _decision(name, course.decision)
    calibration, rule = decide_how(
        settings,
        estimator.predict_proba(course.evaluation[0]).astype(np.float64),
        course.evaluation[1],
        course.classes,
        assumed,
        natural,
        course.seed,
    )
    probabilities = calibration.apply(estimator.predict_proba(course.test[0]).astype(np.float64))
    decisions = (
        np.full(len(probabilities), natural.argmax()) if name == "majority" else rule.decide(probabilities)
    )
    measured = classification_metrics(course.test[1], probabilities, course.classes, decisions)
    weights = None if rule.weights is None else dict(zip(course.classes, rule.weights.tolist(), strict=True))
    return ContenderResult(
        summary=measured["summary"],
        per_class=measured["per_class"],
        confusion=measured["confusion"],
        rule=ContenderRule(name=rule.name, weights=weights),
        seconds=round(time.monotonic() - start, 2),
        notes=(),
    )


def refused(reason: str) -> ContenderResult:
    """Returns the result of a contender that cannot take part, for a reason, a sentence."""
    return ContenderResult(
        summary=Summary(),
        per_class={},
        confusion=Confusion(),
        rule=ContenderRule(),
        seconds=0.0,
        notes=(reason,),
    )


def _decision(name: str, decision: DecisionSettings) -> DecisionSettings:
    if name == "majority":
        return decision.model_copy(update={"rule": "argmax"})
    if name == "logistic_regression" and decision.rule == "argmax":
        return decision.model_copy(update={"rule": "macro_f1"})
    return decision
