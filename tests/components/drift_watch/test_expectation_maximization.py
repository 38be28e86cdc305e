import numpy as np
import pytest

from components.drift_watch.expectation_maximization import em_prior


def normal_posteriors(shares, assumed, n, seed=0, means=(0.0, 2.0, 4.0)):
    """Draws records of unit normals with known class shares; returns exact posteriors under `assumed`."""
    random = np.random.default_rng(seed)
    means = np.array(means[: len(shares)])
    values = random.normal(means[random.choice(len(shares), n, p=shares)], 1)
    joint = np.exp(-((values[:, None] - means) ** 2) / 2) * assumed
    return joint / joint.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("shares", [(0.5, 0.3, 0.2), (0.05, 0.15, 0.8), (0.9, 0.08, 0.02)])
def test_known_shares_are_found_again(shares):
    assumed = np.array([0.7, 0.2, 0.1])
    found = em_prior(normal_posteriors(shares, assumed, 20_000), assumed)
    np.testing.assert_allclose(found, shares, atol=0.015)


def test_records_as_assumed_leave_the_shares():
    assumed = np.array([0.9, 0.1])
    found = em_prior(normal_posteriors(assumed, assumed, 50_000), assumed)
    np.testing.assert_allclose(found, assumed, atol=0.006)


def test_two_classes_and_two_answers_have_the_closed_form():
    # A test with true positive rate 0.8 and false positive rate 0.1, positive for 38 records of 100: the
    # likelihood is greatest where 0.8 q + 0.1 (1 - q) = 0.38, which is q = 0.4.
    assumed = np.array([0.75, 0.25])
    positive, negative = np.array([0.1, 0.8]) * assumed, np.array([0.9, 0.2]) * assumed
    probabilities = np.array([positive / positive.sum()] * 38 + [negative / negative.sum()] * 62)
    np.testing.assert_allclose(em_prior(probabilities, assumed), [0.6, 0.4], atol=1e-4)


def test_a_weight_counts_a_record_as_often():
    assumed = np.array([0.7, 0.2, 0.1])
    rows = normal_posteriors((0.3, 0.4, 0.3), assumed, 50)
    counts = np.random.default_rng(1).integers(0, 4, 50)
    repeated = em_prior(np.repeat(rows, counts, axis=0), assumed)
    np.testing.assert_allclose(em_prior(rows, assumed, counts), repeated, atol=1e-6)


def test_a_class_of_which_there_is_no_record_gets_no_share():
    assumed = np.array([0.5, 0.5])
    found = em_prior(np.tile([1.0, 0.0], (10, 1)), assumed)
    np.testing.assert_allclose(found, [1, 0], atol=1e-6)
