import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imblearn.over_sampling import SMOTE
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax
from sklearn.linear_model import LogisticRegression

from components.decision_calibrator.calibration import METHODS, correct_prior, fit
from components.evaluation.calibration_figures import expected_calibration_error

NATURAL = np.array([0.8, 0.15, 0.05])


PLACES = np.array([[0.0, 0.0], [1.5, 0.0], [0.0, 1.5]])


def gaussian_points(size, random, prior=NATURAL):
    """Three classes at three places of a plane, whose posterior is known."""
    labels = random.choice(3, size, p=prior)
    return labels, PLACES[labels] + random.normal(0, 1, (size, 2))


def gaussian_records(size, prior, random):
    """Returns labels and the log-likelihood of each class."""
    labels, points = gaussian_points(size, random, prior)
    return labels, -np.square(points[:, None] - PLACES).sum(axis=2) / 2


def negative_log_likelihood(probabilities, labels):
    return -np.log(probabilities[np.arange(len(labels)), labels]).mean()


def test_two_classes_thinned_by_hand():
    # One of ten negatives was kept: b = 0.1. A raw 0.5 is then b q / ((b - 1) q + 1) = 0.05 / 0.55.
    corrected = correct_prior(np.array([0.5, 0.5]), np.array([10.0, 1.0])).apply(np.array([[0.5, 0.5]]))
    np.testing.assert_allclose(corrected, [[10 / 11, 1 / 11]])


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), st.integers(0, 10**6))
def test_correction_gives_the_posterior_under_the_other_prior(shares, seed):
    assumed = np.array(shares) / sum(shares)
    _, likelihoods = gaussian_records(20, NATURAL, np.random.default_rng(seed))
    learnt = softmax(likelihoods + np.log(assumed), axis=1)
    joint = np.exp(likelihoods) * NATURAL
    expected = joint / joint.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(correct_prior(assumed, NATURAL).apply(learnt), expected, rtol=1e-9)


def test_temperature_is_the_optimum_of_another_optimiser():
    labels, likelihoods = gaussian_records(4000, NATURAL, np.random.default_rng(0))
    raw = softmax(2.7 * likelihoods, axis=1)  # A network that learnt on even classes and is too sure.
    calibration = fit(raw, labels, np.ones(3), NATURAL, NATURAL)

    def loss(values):
        logits = np.log(raw) / values[0] + np.log(NATURAL)
        return (logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels]).mean()

    best = minimize(loss, [1.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-14}).x[0]
    np.testing.assert_allclose(1 / calibration.slope, best, rtol=1e-4)
    assert best == pytest.approx(2.7, rel=0.1)


@pytest.mark.parametrize("method", METHODS)
def test_rebalanced_network_is_honest_again(method):
    random = np.random.default_rng(1)
    labels, likelihoods = gaussian_records(20_000, NATURAL, random)
    raw = softmax(likelihoods, axis=1)  # As after resampling to 1:1:1.
    calibration = fit(raw[:10_000], labels[:10_000], np.ones(3), NATURAL, NATURAL, method)
    honest = calibration.apply(raw[10_000:])
    before = expected_calibration_error(labels[10_000:], raw[10_000:])
    after = expected_calibration_error(labels[10_000:], honest)
    assert after <= 0.03 and before >= 3 * after


def test_smote_to_even_classes_is_undone():
    random = np.random.default_rng(7)
    train_labels, train_points = gaussian_points(30_000, random)
    grown_points, grown_labels = SMOTE(random_state=0).fit_resample(train_points, train_labels)
    assert len(set(np.bincount(grown_labels))) == 1
    network = LogisticRegression().fit(grown_points, grown_labels)
    labels, points = gaussian_points(30_000, random)
    raw = network.predict_proba(points)
    calibration = fit(raw[:10_000], labels[:10_000], np.ones(3), NATURAL, NATURAL)
    before = expected_calibration_error(labels[10_000:], raw[10_000:])
    after = expected_calibration_error(labels[10_000:], calibration.apply(raw[10_000:]))
    assert after <= 0.03 and before >= 3 * after


def test_biases_find_a_prior_that_was_recorded_wrongly():
    labels, likelihoods = gaussian_records(20_000, NATURAL, np.random.default_rng(2))
    learnt = softmax(likelihoods + np.log([0.5, 0.2, 0.3]), axis=1)
    by_temperature, by_bias = (
        fit(learnt, labels, np.ones(3), NATURAL, NATURAL, method).apply(learnt)
        for method in ("temperature", "bias_corrected")
    )
    truth = softmax(likelihoods + np.log(NATURAL), axis=1)
    assert negative_log_likelihood(by_bias, labels) < negative_log_likelihood(by_temperature, labels)
    assert np.abs(by_bias - truth).mean() < 0.01


def test_vector_scaling_is_the_best_of_the_three_where_classes_differ_in_confidence():
    labels, likelihoods = gaussian_records(20_000, NATURAL, np.random.default_rng(3))
    raw = softmax(likelihoods * [1, 3, 0.5], axis=1)
    losses = [
        negative_log_likelihood(fit(raw, labels, np.ones(3), NATURAL, NATURAL, method).apply(raw), labels)
        for method in METHODS
    ]
    assert losses[2] < losses[1] < losses[0]


def test_place_of_use_has_its_own_prior():
    labels, likelihoods = gaussian_records(10_000, NATURAL, np.random.default_rng(4))
    target = np.array([0.4, 0.3, 0.3])
    calibrated = fit(softmax(likelihoods, axis=1), labels, np.ones(3), NATURAL, target).apply(
        softmax(likelihoods, axis=1)
    )
    np.testing.assert_allclose(calibrated, softmax(likelihoods + np.log(target), axis=1), atol=0.05)


def test_prior_a_network_learnt_under_is_taken_out_before_its_confidence_is_scaled():
    labels, likelihoods = gaussian_records(20_000, NATURAL, np.random.default_rng(8))
    assumed = np.array([0.2, 0.3, 0.5])
    learnt = softmax(2 * likelihoods + np.log(assumed), axis=1)
    calibrated = fit(learnt, labels, assumed, NATURAL, NATURAL).apply(learnt)
    np.testing.assert_allclose(calibrated, softmax(likelihoods + np.log(NATURAL), axis=1), atol=0.02)


def test_answers_that_say_nothing_become_the_prior():
    labels = np.random.default_rng(5).choice(3, 2000, p=NATURAL)
    noise = softmax(np.random.default_rng(6).normal(0, 3, (2000, 3)), axis=1)
    calibrated = fit(noise, labels, np.ones(3), NATURAL, NATURAL).apply(noise)
    np.testing.assert_allclose(calibrated.mean(axis=0), NATURAL, atol=0.02)


def test_a_probability_of_zero_stays_finite():
    certain = np.array([[1.0, 0.0], [0.0, 1.0]])
    calibration = fit(certain, np.array([0, 1]), np.ones(2), np.ones(2), np.ones(2))
    assert np.isfinite(calibration.apply(certain)).all()


@pytest.mark.parametrize("prior", [np.array([0.5, 0.0]), np.array([np.nan, 1.0]), np.array([-1.0, 1.0])])
def test_a_prior_without_a_class_is_refused(prior):
    with pytest.raises(ValueError, match="share above 0"):
        correct_prior(np.ones(2), prior)


def test_no_record_and_no_method_are_refused():
    with pytest.raises(ValueError, match="0 records"):
        fit(np.empty((0, 2)), np.empty(0, int), np.ones(2), np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match="method='platt'"):
        fit(np.full((1, 2), 0.5), np.zeros(1, int), np.ones(2), np.ones(2), np.ones(2), "platt")
