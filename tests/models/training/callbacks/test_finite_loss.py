import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.training.callbacks.finite_loss import DivergedError, FiniteLoss


def fit(inputs: np.ndarray, learning_rate: float = 0.1, **options) -> None:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(learning_rate), "mse")
    model.fit(inputs, np.ones((4, 1)), batch_size=1, callbacks=[FiniteLoss()], verbose=0, **options)


def test_training_that_stays_finite_is_left_alone():
    fit(np.ones((4, 1)), epochs=2)


def test_the_first_step_without_a_finite_loss_ends_training():
    inputs = np.array([[1.0], [1.0], [np.nan], [1.0]])
    with pytest.raises(DivergedError, match=r"Received: nan in epoch 3, step 3, at a learning rate of 0\.1"):
        fit(inputs, initial_epoch=2, epochs=9, shuffle=False)


def test_weights_that_run_away_end_training_with_the_way_out():
    with pytest.raises(DivergedError, match=r"Lower `training.optimizer.learning_rate`"):
        fit(np.full((4, 1), 1e6), learning_rate=100.0, epochs=20)


def test_a_loss_of_the_eval_split_that_is_not_finite_ends_training():
    broken = (np.array([[np.inf]]), np.ones((1, 1)))
    with pytest.raises(DivergedError, match="in epoch 1, the eval split"):
        fit(np.ones((4, 1)), validation_data=broken)


@pytest.mark.parametrize("at_once", [1, 3, 4])
def test_the_step_is_named_where_several_are_taken_at_once(at_once):
    finite = FiniteLoss()
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    loss = finite.watched(keras.losses.MeanSquaredError())
    model.compile(keras.optimizers.SGD(0.1), loss, steps_per_execution=at_once)
    inputs = np.array([[1.0], [np.nan], [1.0], [np.nan], [1.0]])
    with pytest.raises(DivergedError, match="Received: nan in epoch 1, step 2, at"):
        model.fit(inputs, np.ones((5, 1)), batch_size=1, shuffle=False, callbacks=[finite], verbose=0)


def test_a_watched_loss_counts_each_epochs_steps_anew_and_leaves_evaluation_out():
    readings = itertools.count(1)

    def batches():
        bad = next(readings) == 3
        yield from (np.array([[np.nan if bad and step == 2 else 1.0]], np.float32) for step in (1, 2, 3))

    inputs = tf.data.Dataset.from_generator(batches, output_signature=tf.TensorSpec((1, 1)))
    data = inputs.map(lambda value: (value, value)).apply(tf.data.experimental.assert_cardinality(3))
    finite = FiniteLoss()
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    loss = finite.watched(keras.losses.MeanSquaredError())
    model.compile(keras.optimizers.SGD(0.1), loss, steps_per_execution=3)
    with pytest.raises(DivergedError, match="in epoch 3, step 2"):
        model.fit(
            data, validation_data=(np.ones((5, 1)), np.ones((5, 1))), epochs=5, callbacks=[finite], verbose=0
        )


def test_a_watched_loss_is_the_loss_itself():
    random = np.random.default_rng(0)
    labels, logits, weights = random.integers(0, 3, 8), random.normal(size=(8, 3)), random.random(8)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    watched = FiniteLoss().watched(keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert float(watched(labels, logits, weights)) == float(loss(labels, logits, weights))
