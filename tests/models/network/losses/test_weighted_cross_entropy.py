import keras
import numpy as np
import pytest
import tensorflow as tf

from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy


def test_an_even_guess_is_log_two_times_the_class_weight():
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


def test_without_weights_it_is_the_sparse_cross_entropy_of_keras():
    random = np.random.default_rng(0)
    labels, logits = random.integers(0, 4, 20), random.normal(0, 3, (20, 4)).astype(np.float32)
    expected = float(keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits))
    assert float(WeightedCrossEntropy()(labels, logits)) == pytest.approx(expected, rel=1e-5)


def test_class_weights_reach_the_weights_of_a_model_fitted_from_a_dataset():
    inputs = keras.Input((1,))
    logits = keras.layers.Dense(2, kernel_initializer="zeros", name="logits")(inputs)
    model = keras.Model(inputs, logits)
    model.compile(keras.optimizers.SGD(1.0), WeightedCrossEntropy(class_weights=[0.5, 4.0]))
    model.fit(tf.data.Dataset.from_tensors((tf.zeros((4, 1)), tf.constant([0, 0, 0, 1]))), verbose=0)
    # At p = 1/2 a record of class 0 pulls the bias by -0.5 * [-1/2, 1/2], one of class 1 by
    # -4 * [1/2, -1/2]; the step is their mean: (3 * 0.25 - 2) / 4 for class 0.
    np.testing.assert_allclose(model.get_layer("logits").bias.numpy(), [-0.3125, 0.3125], rtol=1e-6)


@pytest.mark.parametrize("smoothing", [-0.1, 1.0])
def test_label_smoothing_out_of_range_is_refused(smoothing):
    with pytest.raises(ValueError, match=f"Received: label_smoothing={smoothing}"):
        WeightedCrossEntropy(label_smoothing=smoothing)
