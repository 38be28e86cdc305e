import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from models.network.losses.supervised_contrastive import SupervisedContrastive


def formula(labels, projections, temperature, balanced):
    """Computes the loss of every record, one pair at a time."""
    unit = projections / np.linalg.norm(projections, axis=1, keepdims=True)
    losses = np.zeros(len(labels))
    for i in range(len(labels)):
        others = [a for a in range(len(labels)) if a != i]
        denominator = 0.0
        for a in others:
            share = sum(labels[b] == labels[a] for b in others) if balanced else 1
            denominator += np.exp(unit[i] @ unit[a] / temperature) / share
        positives = [a for a in others if labels[a] == labels[i]]
        for p in positives:
            losses[i] -= np.log(np.exp(unit[i] @ unit[p] / temperature) / denominator) / len(positives)
    return losses


@st.composite
def problems(draw):
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(1, 8))
    projections = random.normal(size=(size, 3)).astype(np.float32)
    return random.integers(0, 3, size), projections, random.uniform(0.1, 1), bool(random.integers(2))


@settings(max_examples=40, deadline=None)
@given(problem=problems())
def test_it_equals_the_formula(problem):
    labels, projections, temperature, balanced = problem
    loss = SupervisedContrastive(temperature, balanced)
    expected = formula(labels, projections.astype(np.float64), temperature, balanced)
    np.testing.assert_allclose(loss.call(labels, projections), expected, rtol=1e-4, atol=1e-4)


@settings(max_examples=15, deadline=None)
@given(problem=problems())
def test_its_gradient_equals_the_numerical_one(problem):
    labels, projections, temperature, balanced = problem
    at = tf.constant(projections)
    with tf.GradientTape() as tape:
        tape.watch(at)
        value = SupervisedContrastive(temperature, balanced)(labels, at)
    expected = np.zeros(projections.shape)
    for index in np.ndindex(*projections.shape):
        nudge = np.zeros(projections.shape)
        nudge[index] = 1e-6
        above, below = (
            formula(labels, projections + sign * nudge, temperature, balanced).mean() for sign in (1, -1)
        )
        expected[index] = (above - below) / 2e-6
    np.testing.assert_allclose(tape.gradient(value, at), expected, rtol=5e-3, atol=1e-3)


def test_three_records_worked_by_hand():
    # Two alike and one of another class at a right angle: log((e + 1) / e) each for the two.
    loss = SupervisedContrastive(temperature=1)
    value = float(loss([0, 0, 1], [[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]]))
    assert value == pytest.approx(2 / 3 * np.log1p(np.exp(-1)), rel=1e-5)


def test_a_record_alone_of_its_class_has_no_loss_but_pushes():
    projections = np.array([[1.0, 0.0], [1.0, 0.1], [0.9, 0.0]], np.float32)
    with_stranger = SupervisedContrastive().call([0, 0, 1], projections).numpy()
    without = SupervisedContrastive().call([0, 0], projections[:2]).numpy()
    assert with_stranger[2] == 0
    assert (with_stranger[:2] > without + 0.1).all()


def test_a_batch_without_any_pair_has_neither_loss_nor_gradient():
    projections = tf.constant([[1.0, 0.0], [0.0, 1.0]])
    with tf.GradientTape() as tape:
        tape.watch(projections)
        value = SupervisedContrastive()([0, 1], projections)
    assert float(value) == 0
    np.testing.assert_array_equal(tape.gradient(value, projections), np.zeros((2, 2)))


def test_when_balanced_a_class_pushes_no_harder_for_being_frequent():
    projections = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], np.float32)
    more = np.concatenate([projections, np.repeat(projections[2:], 9, axis=0)])
    labels, more_labels = [0, 0, 1], [0, 0] + [1] * 10
    few = SupervisedContrastive(1.0, balanced=True).call(labels, projections).numpy()[0]
    many = SupervisedContrastive(1.0, balanced=True).call(more_labels, more).numpy()[0]
    assert many == pytest.approx(few, rel=1e-6)


@pytest.mark.parametrize("temperature", [0.01, 0.1])
def test_float16_projections_and_zero_vectors_stay_finite(temperature):
    projections = tf.constant([[0.0, 0.0], [0.0, 0.0], [6e4, 1.0], [-6e4, 0.0]], tf.float16)
    with tf.GradientTape() as tape:
        tape.watch(projections)
        value = SupervisedContrastive(temperature)([0, 0, 1, 1], projections)
    assert value.dtype == tf.float32
    assert np.isfinite(float(value))
    assert np.isfinite(tape.gradient(value, projections).numpy()).all()


def test_sample_weights_weigh_the_anchors():
    projections = np.array([[1.0, 0.0], [1.0, 0.5], [0.0, 1.0]], np.float32)
    records = SupervisedContrastive().call([0, 0, 1], projections).numpy()
    weighted = float(SupervisedContrastive()([0, 0, 1], projections, sample_weight=np.array([2.0, 0.0, 1.0])))
    assert weighted == pytest.approx(2 * records[0] / 3, rel=1e-5)


def test_a_model_compiled_with_it_is_saved_and_loaded(tmp_path):
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(3)(inputs))
    model.compile("sgd", SupervisedContrastive(0.5, balanced=True))
    path = str(tmp_path / "model.keras")
    model.fit(np.eye(2, dtype=np.float32), np.zeros(2), verbose=0)
    model.save(path)
    assert keras.saving.load_model(path).loss.get_config() == model.loss.get_config()


@pytest.mark.parametrize("temperature", [0, -1, float("nan")])
def test_a_temperature_out_of_range_is_refused(temperature):
    with pytest.raises(ValueError, match=f"Received: temperature={temperature}"):
        SupervisedContrastive(temperature)
