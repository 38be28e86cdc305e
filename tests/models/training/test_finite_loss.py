import keras
import numpy as np
import pytest

from models.training.finite_loss import DivergedError, FiniteLoss


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
