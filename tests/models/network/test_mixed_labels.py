import keras
import numpy as np
import pytest

from models.network.branches.member_loss import MemberLoss
from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy
from models.network.mixed_labels import dominant_labels

LOGITS = np.log([[3.0, 1.0], [3.0, 1.0]]).astype(np.float32)


def test_the_loss_of_a_blend_by_hand():
    loss = MemberLoss(WeightedCrossEntropy())
    # log 4/3 for the first class, log 4 for the second.
    first = 0.8 * np.log(4 / 3) + 0.2 * np.log(4)
    second = 0.6 * np.log(4) + 0.4 * np.log(4 / 3)
    labels = np.array([[0, 1, 0.8], [1, 0, 0.6]], np.float32)
    np.testing.assert_allclose(loss.call(labels, LOGITS), [first, second], rtol=1e-6)
    assert float(loss(labels, LOGITS)) == pytest.approx((first + second) / 2)
    assert float(loss(labels, LOGITS, sample_weight=np.array([1.0, 0.0]))) == pytest.approx(first / 2)


def test_each_label_keeps_its_class_weight():
    loss = MemberLoss(WeightedCrossEntropy(class_weights=[1.0, 5.0]))
    labels = np.array([[0, 1, 0.8], [0, 1, 1.0]], np.float32)
    expected = [0.8 * np.log(4 / 3) + 0.2 * 5 * np.log(4), np.log(4 / 3)]
    np.testing.assert_allclose(loss.call(labels, LOGITS), expected, rtol=1e-6)


@pytest.mark.parametrize("labels", [np.array([0, 1]), np.array([[0], [1]]), np.array([0.0, 1.0])])
def test_plain_labels_give_the_inner_loss(labels):
    inner = WeightedCrossEntropy(class_weights=[1.0, 2.0])
    assert float(MemberLoss(inner)(labels, LOGITS)) == float(inner(labels, LOGITS))


def test_a_keras_loss_may_be_inside():
    inner = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    value = MemberLoss(inner)(np.array([[0, 1, 0.5]], np.float32), LOGITS[:1])
    assert float(value) == pytest.approx(0.5 * np.log(4 / 3) + 0.5 * np.log(4))


def test_the_dominant_label_is_the_first():
    np.testing.assert_array_equal(dominant_labels(np.array([[2.0, 0.0, 0.7], [1.0, 2.0, 1.0]])), [2, 1])
    for plain in (np.array([2, 1]), np.array([[2.0], [1.0]])):
        np.testing.assert_array_equal(dominant_labels(plain), [2, 1])


def test_a_model_trains_on_blends_and_is_evaluated_on_plain_labels():
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(2)(inputs))
    model.compile(keras.optimizers.SGD(0.1), MemberLoss(WeightedCrossEntropy()))
    labels = np.array([[0, 1, 0.8], [1, 0, 0.6]], np.float32)
    history = model.fit(LOGITS, labels, validation_data=(LOGITS, np.array([0, 1])), verbose=0).history
    assert np.isfinite(history["loss"]).all() and np.isfinite(history["val_loss"]).all()
