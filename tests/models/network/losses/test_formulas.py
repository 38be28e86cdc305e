"""Every loss of logits against its formula in NumPy, and what they have in common."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from models.network.losses.adapted import Adapted
from models.network.losses.asymmetric_focal import AsymmetricFocal
from models.network.losses.balanced_softmax import BalancedSoftmax
from models.network.losses.focal import Focal
from models.network.losses.label_aware_smoothing import LabelAwareSmoothing
from models.network.losses.ldam import LDAM
from models.network.losses.logit_adjusted import LogitAdjusted
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy


def log_softmax(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def of_label(values, labels):
    return values[np.arange(len(labels)), labels]


def cross_entropy_case(random, counts, weights):
    smoothing = random.uniform(0, 0.9)

    def formula(labels, logits):
        targets = (1 - smoothing) * np.eye(len(counts))[labels] + smoothing / len(counts)
        return -(targets * log_softmax(logits)).sum(axis=-1)

    return WeightedCrossEntropy(weights, smoothing), formula


def focal_case(random, counts, weights):
    gamma = random.uniform(0.5, 4)

    def formula(labels, logits):
        log_p = of_label(log_softmax(logits), labels)
        return -((1 - np.exp(log_p)) ** gamma) * log_p

    return Focal(gamma, weights), formula


def ldam_case(random, counts, weights):
    margin, scale = random.uniform(0, 2), random.uniform(0.5, 3)
    # C / n**(1/4) with the constant that gives the largest of them `margin`.
    margins = counts**-0.25
    margins = margins * margin / margins.max()

    def formula(labels, logits):
        own = scale * (of_label(logits, labels) - margins[labels])
        others = np.where(np.eye(len(counts))[labels] == 1, -np.inf, scale * logits)
        return -own + np.logaddexp(own, np.logaddexp.reduce(others, axis=-1))

    return LDAM(counts, margin, scale, weights), formula


def balanced_softmax_case(random, counts, weights):
    def formula(labels, logits):
        masses = counts * np.exp(logits)
        return -np.log(of_label(masses, labels) / masses.sum(axis=-1))

    return BalancedSoftmax(counts, weights), formula


def logit_adjusted_case(random, counts, weights):
    tau = random.uniform(0, 2)

    def formula(labels, logits):
        # Equation 10 of the paper: log(1 + sum over others of (pi_k / pi_y)**tau * exp(z_k - z_y)).
        prior = counts / counts.sum()
        odds = (prior / prior[labels][:, None]) ** tau * np.exp(logits - of_label(logits, labels)[:, None])
        return np.log(odds.sum(axis=-1))

    return LogitAdjusted(counts, tau, weights), formula


def asymmetric_focal_case(random, counts, weights):
    positive, negative = random.choice([0, 0.5, 1, 2]), random.choice([0, 0.5, 1, 4])
    margin = random.choice([0, 0.05, 0.2])

    def formula(labels, logits):
        log_p = log_softmax(logits)
        p, losses = np.exp(log_p), np.zeros(len(labels))
        for i, label in enumerate(labels):
            losses[i] = -((1 - p[i, label]) ** positive) * log_p[i, label]
            for k in set(range(len(counts))) - {label}:
                # 1 - p is what all others hold: the sum keeps the digits that 1 - p loses.
                complement = min(np.delete(p[i], k).sum() + margin, 1)
                losses[i] -= max(p[i, k] - margin, 0) ** negative * np.log(complement)
        return losses

    return AsymmetricFocal(positive, negative, margin, weights), formula


def label_aware_smoothing_case(random, counts, weights):
    form = random.choice(["concave", "linear", "convex"])
    tail, head = np.sort(random.uniform(0, 0.9, 2))
    most, fewest = counts.max(), counts.min()

    def smoothing(count):
        if most == fewest:
            return tail
        if form == "concave":
            return tail + (head - tail) * np.sin(np.pi * (count - fewest) / (2 * (most - fewest)))
        if form == "linear":
            return tail + (head - tail) * (count - fewest) / (most - fewest)
        return head + (head - tail) * np.sin(3 * np.pi / 2 + np.pi * (count - fewest) / (2 * (most - fewest)))

    def formula(labels, logits):
        losses, log_p = np.zeros(len(labels)), log_softmax(logits)
        for i, label in enumerate(labels):
            share = smoothing(counts[label])
            targets = np.full(len(counts), share / (len(counts) - 1))
            targets[label] = 1 - share
            losses[i] = -targets @ log_p[i]
        return losses

    return LabelAwareSmoothing(counts, head, tail, form, weights), formula


def adapted_case(random, counts, weights):
    def formula(labels, logits):
        return ((np.exp(log_softmax(logits)) - np.eye(len(counts))[labels]) ** 2).mean(axis=-1)

    return Adapted(keras.losses.MeanSquaredError(), weights), formula


CASES = {
    "cross_entropy": cross_entropy_case,
    "focal": focal_case,
    "ldam": ldam_case,
    "balanced_softmax": balanced_softmax_case,
    "logit_adjusted": logit_adjusted_case,
    "asymmetric_focal": asymmetric_focal_case,
    "label_aware_smoothing": label_aware_smoothing_case,
    "adapted": adapted_case,
}
# One of each with three classes, [90, 9, 1] records.
MAKE = {
    "cross_entropy": lambda weights=None: WeightedCrossEntropy(weights, 0.1),
    "focal": lambda weights=None: Focal(2.0, weights),
    "focal_of_small_gamma": lambda weights=None: Focal(0.3, weights),
    "ldam": lambda weights=None: LDAM([90, 9, 1], class_weights=weights),
    "balanced_softmax": lambda weights=None: BalancedSoftmax([90, 9, 1], weights),
    "logit_adjusted": lambda weights=None: LogitAdjusted([90, 9, 1], 1.5, weights),
    "asymmetric_focal": lambda weights=None: AsymmetricFocal(class_weights=weights),
    "asymmetric_focal_of_small_gammas": lambda weights=None: AsymmetricFocal(0.3, 0.3, 0.0, weights),
    "asymmetric_focal_without_gammas": lambda weights=None: AsymmetricFocal(0, 0, 0, weights),
    "label_aware_smoothing": lambda weights=None: LabelAwareSmoothing([90, 9, 1], class_weights=weights),
    "adapted": lambda weights=None: Adapted(keras.losses.CategoricalCrossentropy(from_logits=True), weights),
}


@st.composite
def problems(draw, case):
    """A loss, its formula, class weights, and the labels and float32-exact logits of a random batch."""
    num_classes, size = draw(st.integers(2, 6)), draw(st.integers(1, 8))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    counts = random.integers(1, 1000, num_classes).astype(float)
    weights = random.uniform(0.1, 10, num_classes).astype(np.float32)
    logits = random.normal(0, draw(st.sampled_from([0.1, 1, 5])), (size, num_classes)).astype(np.float32)
    loss, formula = CASES[case](random, counts, weights)
    return loss, formula, weights, random.integers(0, num_classes, size), logits


def gradient(loss, labels, logits):
    logits = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss(labels, logits)
    return tape.gradient(value, logits).numpy()


def numerical_gradient(function, logits, step=1e-6):
    slopes = np.zeros_like(logits)
    for index in np.ndindex(*logits.shape):
        nudge = np.zeros_like(logits)
        nudge[index] = step
        slopes[index] = (function(logits + nudge) - function(logits - nudge)) / (2 * step)
    return slopes


@pytest.mark.parametrize("case", CASES)
def test_a_loss_equals_its_formula(case):
    @settings(max_examples=40, deadline=None)
    @given(problem=problems(case))
    def check(problem):
        loss, formula, weights, labels, logits = problem
        expected = np.mean(weights[labels] * formula(labels, logits.astype(np.float64)))
        assert float(loss(labels, logits)) == pytest.approx(expected, rel=1e-4, abs=1e-5)

    check()


@pytest.mark.parametrize("case", CASES)
def test_the_gradient_of_a_loss_equals_the_numerical_one_of_its_formula(case):
    @settings(max_examples=15, deadline=None)
    @given(problem=problems(case))
    def check(problem):
        loss, formula, weights, labels, logits = problem
        expected = numerical_gradient(
            lambda z: np.mean(weights[labels] * formula(labels, z)), logits.astype(np.float64)
        )
        np.testing.assert_allclose(gradient(loss, labels, logits), expected, rtol=2e-3, atol=2e-5)

    check()


LABELS = np.array([0, 2, 1])
LOGITS = np.array([[0.5, -0.5, 0.1], [1.0, 0.0, -2.0], [0.0, 0.3, 0.1]], np.float32)


@pytest.mark.parametrize("name", MAKE)
def test_doubling_a_class_weight_doubles_the_gradient_of_its_records_alone(name):
    before = gradient(MAKE[name]([1, 1, 1]), LABELS, LOGITS)
    after = gradient(MAKE[name]([1, 1, 2]), LABELS, LOGITS)
    np.testing.assert_allclose(after[[0, 2]], before[[0, 2]])
    np.testing.assert_allclose(after[1], 2 * before[1], rtol=1e-6)
    assert abs(before).max(axis=-1).min() > 1e-3


@pytest.mark.parametrize("name", MAKE)
def test_sample_weights_multiply_class_weights(name):
    loss = MAKE[name]([2.0, 3.0, 5.0])
    each = [float(loss(LABELS[i : i + 1], LOGITS[i : i + 1])) for i in range(3)]
    weighted = float(loss(LABELS, LOGITS, sample_weight=np.array([10.0, 0.0, 1.0], np.float32)))
    assert weighted == pytest.approx((10 * each[0] + each[2]) / 3, rel=1e-5)


@pytest.mark.parametrize("name", MAKE)
def test_a_call_answers_with_the_losses_of_the_records(name):
    loss = MAKE[name]([2.0, 3.0, 5.0])
    records = loss.call(LABELS, LOGITS)
    assert records.shape == (3,)
    assert float(loss(LABELS, LOGITS)) == pytest.approx(float(np.mean(records)), rel=1e-6)


@pytest.mark.parametrize("name", MAKE)
def test_labels_may_be_a_column(name):
    loss = MAKE[name]([2.0, 3.0, 5.0])
    assert float(loss(LABELS, LOGITS)) == float(loss(LABELS[:, None], LOGITS))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("name", MAKE)
def test_loss_and_gradient_stay_finite_at_extreme_logits(name, dtype):
    big = 6e4
    rows = [[big, -big, 0], [-big, big, 0], [big, big, big], [0, 12, -12], [0, 0, 0], [-big, -big, 9]]
    logits = np.array(rows, dtype)
    loss = MAKE[name]([0.01, 1.0, 100.0])
    for label in range(3):
        labels = np.full(len(rows), label)
        assert np.isfinite(np.asarray(loss.call(labels, logits))).all()
        assert np.isfinite(gradient(loss, labels, logits)).all()


@pytest.mark.parametrize("name", MAKE)
def test_float16_logits_are_computed_in_float32(name):
    # 0.5 and 0.1 differ in float16, so the logits are rounded first; the sums that follow must not be.
    rounded = LOGITS.astype(np.float16)
    loss = MAKE[name]()
    assert loss.call(LABELS, rounded).dtype == tf.float32
    assert float(loss(LABELS, rounded)) == float(loss(LABELS, rounded.astype(np.float32)))


@pytest.fixture(scope="module")
def saved_and_loaded(tmp_path_factory):
    """A fitted network with an output for every loss, and what was loaded of it."""
    inputs = keras.Input((2,))
    model = keras.Model(inputs, {name: keras.layers.Dense(3, name=name)(inputs) for name in MAKE})
    model.compile("sgd", {name: make([2.0, 3.0, 5.0]) for name, make in MAKE.items()})
    records, labels = np.eye(2, dtype=np.float32), {name: np.array([2, 0]) for name in MAKE}
    model.fit(records, labels, verbose=0)
    path = str(tmp_path_factory.mktemp("losses") / "model.keras")
    model.save(path)
    return model, keras.saving.load_model(path)


@pytest.mark.parametrize("name", MAKE)
def test_a_compiled_model_is_saved_and_loaded_with_its_loss(name, saved_and_loaded):
    model, loaded = saved_and_loaded
    assert type(loaded.loss[name]) is type(model.loss[name])
    records, labels = np.eye(2, dtype=np.float32), np.array([2, 0])
    first, again = (float(each.loss[name](labels, each(records)[name])) for each in (model, loaded))
    assert again == pytest.approx(first, rel=1e-6)


@pytest.mark.parametrize("name", MAKE)
@pytest.mark.parametrize("weights", [[], [1.0, 0.0], [1.0, -1.0], [1.0, float("nan")], [1.0, float("inf")]])
def test_class_weights_that_are_no_positive_numbers_are_refused(name, weights):
    with pytest.raises(ValueError, match="one finite number above 0 per class"):
        MAKE[name](weights)


@pytest.mark.parametrize("name", MAKE)
def test_class_weights_for_another_number_of_classes_are_refused(name):
    with pytest.raises(ValueError, match="Received: 2 weights for logits of shape"):
        MAKE[name]([1, 2])(LABELS, LOGITS)


@pytest.mark.parametrize("name", ["ldam", "balanced_softmax", "logit_adjusted", "label_aware_smoothing"])
def test_class_counts_for_another_number_of_classes_are_refused(name):
    with pytest.raises(ValueError, match="Received: 3 counts for logits of shape"):
        MAKE[name]()([0], [[0.0, 0.0]])


@pytest.mark.parametrize("make", [LDAM, BalancedSoftmax, LogitAdjusted, LabelAwareSmoothing])
def test_a_class_without_records_is_refused(make):
    with pytest.raises(ValueError, match=r"the classes with index \[1\]. Add records"):
        make([5, 0])


@pytest.mark.parametrize("name", MAKE)
def test_one_hot_labels_are_refused(name):
    with pytest.raises(ValueError, match="Turn one-hot labels into indices with argmax"):
        MAKE[name]()(np.eye(3)[LABELS], LOGITS)
