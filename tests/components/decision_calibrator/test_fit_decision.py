"""Eval splits whose class shares are not those of train, as where they are given."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import f1_score

from components.decision_calibrator.calibration import METHODS
from components.decision_calibrator.fit_decision import fit_decision
from components.decision_calibrator.settings import DecisionSettings

NATURAL = np.array([0.9, 0.07, 0.03])
EVEN = np.ones(3) / 3
PLACES = np.array([[0.0, 0.0], [1.5, 0.0], [0.0, 1.5]])
CLASSES = ["a", "b", "c"]


def records(size, prior, seed):
    """Returns labels, and the likelihoods' logarithms of three normal distributions in the plane."""
    random = np.random.default_rng(seed)
    labels = random.choice(3, size, p=prior)
    points = PLACES[labels] + random.normal(0, 1, (size, 2))
    return labels, -np.square(points[:, None] - PLACES).sum(axis=2) / 2


def decided(prior_of_eval, **settings):
    """Fits on eval records of a prior, for a network that learnt on even classes and is twice too sure."""
    labels, likelihoods = records(20_000, prior_of_eval, 0)
    raw = softmax(2 * likelihoods, axis=1)
    return fit_decision(DecisionSettings(**settings), raw, labels, CLASSES, EVEN, NATURAL, 0)


@pytest.mark.parametrize("method", METHODS)
def test_probabilities_are_those_of_train_whatever_the_shares_of_eval(method):
    calibration = decided(EVEN, method=method).calibration
    _, likelihoods = records(5000, NATURAL, 1)
    truth = softmax(likelihoods + np.log(NATURAL), axis=1)
    assert np.abs(calibration.apply(softmax(2 * likelihoods, axis=1)) - truth).mean() < 0.01


@pytest.mark.parametrize("shares", [NATURAL, np.array([0.5, 0.3, 0.2])])
def test_rule_is_fitted_to_the_shares_where_the_model_is_used(shares):
    prior = "train" if shares is NATURAL else dict(zip(CLASSES, shares, strict=True))
    labels, likelihoods = records(50_000, shares, 1)
    met = softmax(2 * likelihoods, axis=1)

    def score(prior_of_eval):
        found = decided(prior_of_eval, rule="macro_f1", prior=prior)
        return f1_score(labels, found.rule.decide(found.calibration.apply(met)), average="macro")

    assert score(EVEN) == pytest.approx(score(NATURAL), abs=0.003)


def test_a_class_that_eval_lacks_leaves_everything_finite():
    labels, likelihoods = records(500, np.array([0.9, 0.1, 0.0]), 0)
    raw = softmax(likelihoods, axis=1)
    found = fit_decision(
        DecisionSettings(rule="macro_f1", method="vector"), raw, labels, CLASSES, EVEN, NATURAL, 0
    )
    assert np.isfinite(found.calibration.apply(raw)).all() and np.isfinite(found.rule.weights).all()
