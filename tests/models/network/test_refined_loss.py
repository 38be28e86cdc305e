import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from models.network.refined_loss import RefinedLoss, refined_loss


def cross_entropy(logits: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
    losses = logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels]
    return float(np.average(losses, weights=weights))


@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.floats(-2, 2))
@settings(max_examples=25, deadline=None)
def test_no_temperature_gives_a_lower_loss(seed, num_classes, log_scale):
    random = np.random.default_rng(seed)
    labels = random.integers(0, num_classes, 40)
    logits = random.normal(size=(40, num_classes))
    logits[np.arange(40), labels] += 1
    logits, weights = logits * np.exp(log_scale), random.random(40)
    best = minimize_scalar(
        lambda log_factor: cross_entropy(np.exp(log_factor) * logits, labels, weights),
        bounds=(-np.log(64), np.log(64)),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert float(refined_loss(logits, labels, weights)) == pytest.approx(best.fun, rel=1e-6)


def test_three_right_of_four_are_worth_three_quarters():
    logits, labels = np.array([[0.0, 4.0], [4.0, 0.0], [0.0, 4.0], [4.0, 0.0]]), np.array([1, 0, 1, 1])
    expected = -(3 * np.log(3 / 4) + np.log(1 / 4)) / 4
    assert float(refined_loss(logits, labels, np.ones(4))) == pytest.approx(expected)


def test_answers_that_are_all_right_are_made_surer_within_bounds():
    logits, labels = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([1, 0])
    assert float(refined_loss(logits, labels, np.ones(2))) == pytest.approx(np.log1p(np.exp(-64)), rel=1e-3)
    assert float(refined_loss(-logits, labels, np.ones(2))) == pytest.approx(np.log1p(np.exp(1 / 64)))


def test_the_metric_waits_for_the_last_record_and_averages_members_probabilities():
    random = np.random.default_rng(0)
    members, labels = random.normal(size=(5, 3, 2)).astype("float32"), np.array([0, 1, 1, 0, 1])
    mean = np.exp(members - logsumexp(members, axis=2, keepdims=True)).mean(axis=1)
    metric = RefinedLoss(2, 5)
    metric.update_state(labels[:3], members[:3])
    assert np.isnan(metric.result()["refined_loss"])
    metric.update_state(labels[3:], members[3:])
    expected = float(refined_loss(np.log(mean), labels, np.ones(5)))
    assert float(metric.result()["refined_loss"]) == pytest.approx(expected, rel=1e-5)
    metric.update_state(labels[:1], members[:1])
    assert np.isnan(metric.result()["refined_loss"])


def test_a_metric_is_restored_from_its_config():
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(RefinedLoss(3, 7)))
    assert (restored.num_classes, restored.num_records) == (3, 7)
