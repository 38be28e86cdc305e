import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from models.network.class_weights import class_weights
from models.network.losses import Focal, WeightedCrossEntropy, make_loss
from models.settings import LossSettings


def numpy_log_softmax(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def numpy_cross_entropy(labels, logits, weights, smoothing=0.0):
    num_classes = logits.shape[-1]
    targets = (1 - smoothing) * np.eye(num_classes)[labels] + smoothing / num_classes
    return -np.mean(weights[labels] * (targets * numpy_log_softmax(logits)).sum(axis=-1))


def numpy_focal(labels, logits, weights, gamma):
    log_p = numpy_log_softmax(logits)[np.arange(len(labels)), labels]
    return -np.mean(weights[labels] * (1 - np.exp(log_p)) ** gamma * log_p)


@st.composite
def batches(draw):
    """Labels, float32-exact logits and class weights of a random batch."""
    num_classes = draw(st.integers(2, 6))
    size = draw(st.integers(1, 8))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    logits = random.normal(0, draw(st.sampled_from([0.1, 1, 5])), (size, num_classes)).astype(np.float32)
    weights = random.uniform(0.1, 10, num_classes).astype(np.float32)
    return random.integers(0, num_classes, size), logits, weights


def gradient(loss, labels, logits):
    logits = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss(labels, logits)
    return tape.gradient(value, logits).numpy()


def numerical_gradient(function, logits, step=1e-6):
    logits = logits.astype(np.float64)
    slopes = np.zeros_like(logits)
    for index in np.ndindex(*logits.shape):
        nudge = np.zeros_like(logits)
        nudge[index] = step
        slopes[index] = (function(logits + nudge) - function(logits - nudge)) / (2 * step)
    return slopes


def test_cross_entropy_of_an_even_guess_is_log_two_times_the_class_weight():
    loss = WeightedCrossEntropy(class_weights=[1, 3])
    assert float(loss([1], [[0.0, 0.0]])) == pytest.approx(3 * np.log(2))


def test_class_weights_are_averaged_over_the_batch_and_not_over_their_sum():
    loss = WeightedCrossEntropy(class_weights=[1, 3])
    assert float(loss([0, 1], [[0.0, 0.0], [0.0, 0.0]])) == pytest.approx((1 + 3) / 2 * np.log(2))


def test_label_smoothing_spreads_the_target_over_all_classes():
    # p = 3/4 and 1/4; targets 0.8 + 0.1 and 0.1.
    loss = WeightedCrossEntropy(label_smoothing=0.2)
    expected = -(0.9 * np.log(3 / 4) + 0.1 * np.log(1 / 4))
    assert float(loss([0], [[np.log(3.0), 0.0]])) == pytest.approx(expected)


def test_focal_of_an_even_guess_is_a_quarter_of_log_two():
    assert float(Focal(gamma=2)([1], [[0.0, 0.0]])) == pytest.approx(0.25 * np.log(2))


def test_focal_plays_an_easy_record_down_as_its_paper_says():
    # p = 0.9 at gamma 2 lowers the loss a hundredfold.
    logits = [[np.log(9.0), 0.0]]
    assert float(WeightedCrossEntropy()([0], logits)) / float(Focal(2)([0], logits)) == pytest.approx(
        100, rel=1e-4
    )


@settings(max_examples=50, deadline=None)
@given(batch=batches(), smoothing=st.floats(0, 0.9))
def test_cross_entropy_equals_numpy(batch, smoothing):
    labels, logits, weights = batch
    loss = WeightedCrossEntropy(weights, smoothing)
    expected = numpy_cross_entropy(labels, logits.astype(np.float64), weights, smoothing)
    assert float(loss(labels, logits)) == pytest.approx(expected, rel=1e-4, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(batch=batches(), gamma=st.floats(0, 5))
def test_focal_equals_numpy(batch, gamma):
    labels, logits, weights = batch
    expected = numpy_focal(labels, logits.astype(np.float64), weights, gamma)
    assert float(Focal(gamma, weights)(labels, logits)) == pytest.approx(expected, rel=1e-4, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(batch=batches())
def test_without_weights_and_gamma_both_are_the_sparse_cross_entropy_of_keras(batch):
    labels, logits, _ = batch
    expected = float(keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits))
    assert float(WeightedCrossEntropy()(labels, logits)) == pytest.approx(expected, rel=1e-5, abs=1e-7)
    assert float(Focal(gamma=0)(labels, logits)) == pytest.approx(expected, rel=1e-5, abs=1e-7)


@settings(max_examples=25, deadline=None)
@given(batch=batches(), smoothing=st.floats(0, 0.5))
def test_gradient_of_cross_entropy_equals_the_numerical_one(batch, smoothing):
    labels, logits, weights = batch
    expected = numerical_gradient(lambda z: numpy_cross_entropy(labels, z, weights, smoothing), logits)
    loss = WeightedCrossEntropy(weights, smoothing)
    np.testing.assert_allclose(gradient(loss, labels, logits), expected, rtol=1e-3, atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(batch=batches(), gamma=st.floats(0.5, 4))
def test_gradient_of_focal_equals_the_numerical_one(batch, gamma):
    labels, logits, weights = batch
    expected = numerical_gradient(lambda z: numpy_focal(labels, z, weights, gamma), logits)
    np.testing.assert_allclose(
        gradient(Focal(gamma, weights), labels, logits), expected, rtol=1e-3, atol=1e-5
    )


@pytest.mark.parametrize("make", [WeightedCrossEntropy, Focal])
def test_doubling_a_class_weight_doubles_the_gradient_of_its_records_alone(make):
    labels, logits = [0, 1], np.array([[0.5, -0.5], [1.0, 0.0]], np.float32)
    before = gradient(make(class_weights=[1, 1]), labels, logits)
    after = gradient(make(class_weights=[1, 2]), labels, logits)
    np.testing.assert_allclose(after[0], before[0])
    np.testing.assert_allclose(after[1], 2 * before[1], rtol=1e-6)
    assert abs(before).min() > 0.01


def test_class_weights_reach_the_weights_of_a_model_fitted_from_a_dataset():
    inputs = keras.Input((1,))
    logits = keras.layers.Dense(2, kernel_initializer="zeros", name="logits")(inputs)
    model = keras.Model(inputs, logits)
    model.compile(keras.optimizers.SGD(1.0), WeightedCrossEntropy(class_weights=[0.5, 4.0]))
    model.fit(tf.data.Dataset.from_tensors((tf.zeros((4, 1)), tf.constant([0, 0, 0, 1]))), verbose=0)
    # At p = 1/2 a record of class 0 pulls the bias by -0.5 * [-1/2, 1/2], one of class 1 by
    # -4 * [1/2, -1/2]; the step is their mean: (3 * 0.25 - 2) / 4 for class 0.
    np.testing.assert_allclose(model.get_layer("logits").bias.numpy(), [-0.3125, 0.3125], rtol=1e-6)


@pytest.mark.parametrize("make", [WeightedCrossEntropy, Focal])
def test_sample_weights_multiply_class_weights(make):
    labels, logits = np.array([0, 1]), np.array([[0.5, -0.5], [1.0, 0.0]], np.float32)
    loss = make(class_weights=[2.0, 3.0])
    each = [float(loss(labels[i : i + 1], logits[i : i + 1])) for i in range(2)]
    weighted = float(loss(labels, logits, sample_weight=np.array([10.0, 0.0], np.float32)))
    assert weighted == pytest.approx(10 * each[0] / 2)


@pytest.mark.parametrize("make", [WeightedCrossEntropy, Focal])
def test_labels_may_be_a_column(make):
    logits = np.array([[0.5, -0.5, 0.0], [1.0, 0.0, 2.0]], np.float32)
    loss = make(class_weights=[2.0, 3.0, 5.0])
    assert float(loss(np.array([0, 2]), logits)) == float(loss(np.array([[0], [2]]), logits))


EXTREMES = np.array([[6e4, -6e4], [-6e4, 6e4], [6e4, 6e4], [0, 12], [0, 0]], np.float16)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize(
    "loss",
    [
        WeightedCrossEntropy([0.01, 100.0]),
        WeightedCrossEntropy(label_smoothing=0.1),
        Focal(0.0),
        Focal(0.3),
        Focal(1.0),
        Focal(2.0, [0.01, 100.0]),
    ],
    ids=lambda loss: f"{loss.name}-{getattr(loss, 'gamma', loss.get_config().get('label_smoothing'))}",
)
def test_loss_and_gradient_stay_finite_at_extreme_logits(loss, label, dtype):
    for row in EXTREMES.astype(dtype):
        assert np.isfinite(float(loss([label], row[None])))
        assert np.isfinite(gradient(loss, [label], row[None])).all()


@pytest.mark.parametrize("make", [WeightedCrossEntropy, Focal])
def test_float16_logits_are_computed_in_float32(make):
    # The loss is log 100 = 4.605; float16 steps by 0.004 there.
    logits = np.zeros((1, 100), np.float16)
    assert float(make()([0], logits)) == pytest.approx(
        float(make()([0], logits.astype(np.float32))), rel=1e-7
    )


def test_settings_choose_the_loss_and_the_class_weights():
    counts = np.array([90, 10])
    loss = make_loss(LossSettings(class_weights="inverse", label_smoothing=0.1), counts)
    assert isinstance(loss, WeightedCrossEntropy)
    assert loss.class_weights == class_weights(counts, "inverse", 0).tolist()
    assert loss.label_smoothing == 0.1


def test_settings_choose_the_focal_loss_and_its_gamma():
    loss = make_loss(LossSettings(name="focal", gamma=1.5, class_weights="none"), np.array([90, 10]))
    assert isinstance(loss, Focal)
    assert (loss.gamma, loss.class_weights) == (1.5, None)


def test_settings_choose_beta():
    loss = make_loss(LossSettings(class_weights="effective_number", beta=0.5), np.array([3, 1]))
    np.testing.assert_allclose(loss.class_weights, [16 / 19, 28 / 19], rtol=1e-6)


@pytest.mark.parametrize("make", [WeightedCrossEntropy, Focal])
@pytest.mark.parametrize("weights", [[], [1.0, 0.0], [1.0, -1.0], [1.0, float("nan")], [1.0, float("inf")]])
def test_class_weights_that_are_no_positive_numbers_are_refused(make, weights):
    with pytest.raises(ValueError, match="one finite number above 0 per class"):
        make(class_weights=weights)


@pytest.mark.parametrize("make", [WeightedCrossEntropy, Focal])
def test_class_weights_for_another_number_of_classes_are_refused(make):
    with pytest.raises(ValueError, match="Received: 2 weights for logits of shape"):
        make(class_weights=[1, 2])([0], [[0.0, 0.0, 0.0]])


@pytest.mark.parametrize("make", [WeightedCrossEntropy, Focal])
def test_one_hot_labels_are_refused(make):
    with pytest.raises(ValueError, match="Turn one-hot labels into indices with argmax"):
        make()([[0, 1]], [[0.0, 0.0]])


@pytest.mark.parametrize("gamma", [-1, float("nan"), float("inf")])
def test_gamma_out_of_range_is_refused(gamma):
    with pytest.raises(ValueError, match=f"Received: gamma={gamma}"):
        Focal(gamma)


@pytest.mark.parametrize("smoothing", [-0.1, 1.0])
def test_label_smoothing_out_of_range_is_refused(smoothing):
    with pytest.raises(ValueError, match=f"Received: label_smoothing={smoothing}"):
        WeightedCrossEntropy(label_smoothing=smoothing)


@pytest.mark.parametrize("scheme", ["none", "inverse"])
def test_a_loss_for_a_class_without_records_is_refused(scheme):
    with pytest.raises(ValueError, match=r"the classes with index \[1\]. Add records"):
        make_loss(LossSettings(class_weights=scheme), np.array([5, 0]))
