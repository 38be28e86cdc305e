"""Decisions by a rule that is fitted on other records than those it decides."""

import numpy as np

from components.decision_calibrator.calibration import correct_prior
from components.decision_calibrator.decision_weights import choose_weights
from components.evaluation.answered_records import Answers
from components.evaluation.objectives import Objective, balanced_accuracy, macro_f1
from core.splitting import stratified_splits
from core.strategy_plan import ClassFacts, HeldOutAnswers

_PARTS = 5
_OBJECTIVES: dict[str, Objective] = {"macro_f1": macro_f1, "balanced_accuracy": balanced_accuracy}


def decided(rule: str, answers: HeldOutAnswers, classes: ClassFacts, seed: int) -> Answers:
    """Decides as a model with a rule would.

    With argmax the network's own answer counts, whatever its training made it prefer, or, where the experiment names the
    class shares that it decides for, the one that assumes these. Another rule draws its decisions from probabilities
    that assume them, or those of train; it is fitted on four fifths of the records and decides the last one, five times,
    as one that is judged by the records it was fitted on looks better than it is.

    Args:
        rule: argmax, macro_f1 or balanced_accuracy.
        answers: The network's.
        classes: What of the classes decides.
        seed: Decides the fifths.
    """
    if rule == "argmax" and classes.prior is None:
        return Answers(answers.probabilities.argmax(axis=1), answers.probabilities)
    target = np.asarray(classes.counts if classes.prior is None else classes.prior, np.float64)
    target = target / target.sum()
    probabilities = correct_prior(answers.prior, target).apply(answers.probabilities)
    if rule == "argmax":
        return Answers(probabilities.argmax(axis=1), probabilities)
    recorded = np.maximum(np.bincount(answers.labels, minlength=len(target)), 0.5)
    stands_for = (target / (recorded / recorded.sum()))[answers.labels]
    decisions = np.empty(len(answers.labels), np.int64)
    for inside in _parts(answers.labels, answers.units, seed):
        others = ~inside
        weights = choose_weights(
            probabilities[others],
            answers.labels[others],
            _OBJECTIVES[rule],
            seed,
            stands_for[others],
            # One climb: several, and by pairs of classes, would take minutes for all networks of a search.
            start=np.ones(len(target)),
        )
        decisions[inside] = (probabilities[inside] * weights).argmax(axis=1)
    return Answers(decisions, probabilities)


def _parts(labels: np.ndarray, units: np.ndarray, seed: int) -> list[np.ndarray]:
    """Splits records into fifths by class, sets whole."""
    own = np.unique(np.where(units > 0, units, -1 - np.arange(len(units))), return_inverse=True)[1].reshape(
        -1
    )
    order = np.random.default_rng(seed).permutation(len(labels)).astype(np.uint64)
    places = np.asarray(stratified_splits(labels, own, order, np.full(_PARTS, 1 / _PARTS)))
    return [places == part for part in np.unique(places)]
