import keras
import numpy as np
import pytest

from models.network.losses.weighted_cross_entropy import WeightedCrossEntropy
from models.training.callbacks.deferred_weighting import DeferredWeighting, SwitchWeighting


def loss() -> DeferredWeighting:
    return DeferredWeighting(WeightedCrossEntropy(), WeightedCrossEntropy([1.0, 3.0]))


def test_class_weights_count_once_they_are_switched_on():
    deferred, labels, logits = loss(), np.array([0, 1]), np.zeros((2, 2), np.float32)
    # log 2 for each record, then times 1 and 3.
    assert float(deferred(labels, logits)) == pytest.approx(np.log(2))
    deferred.switch(True)
    assert float(deferred(labels, logits)) == pytest.approx(2 * np.log(2))
    deferred.switch(False)
    assert float(deferred(labels, logits)) == pytest.approx(np.log(2))


def test_a_restored_loss_has_the_same_two_losses():
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss()))
    assert (restored.before.class_weights, restored.after.class_weights) == (None, [1.0, 3.0])


def test_weights_set_in_at_their_epoch_inside_a_compiled_training_that_keeps_its_optimizer():
    deferred = loss()
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2, kernel_initializer="zeros")])
    # A learning rate of 0: the loss changes by the weights alone.
    model.compile(keras.optimizers.Adam(0.0), deferred)
    calls, calls_by_epoch = [], []
    deferred.after.call = noted(deferred.after.call, calls)
    count = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: calls_by_epoch.append(len(calls)))
    history = model.fit(
        np.ones((2, 1)),
        np.array([0, 1]),
        initial_epoch=5,
        epochs=9,
        callbacks=[SwitchWeighting(deferred, 7), count],
        verbose=0,
    ).history["loss"]
    np.testing.assert_allclose(history, np.log(2) * np.array([1, 1, 2, 2]), rtol=1e-6)
    assert int(model.optimizer.iterations) == 4
    # Python runs when a step is compiled, and not again at the switch.
    assert calls_by_epoch[0] > 0
    assert len(set(calls_by_epoch)) == 1


def noted(function, calls):
    def call(*arguments):
        calls.append(arguments)
        return function(*arguments)

    return call
