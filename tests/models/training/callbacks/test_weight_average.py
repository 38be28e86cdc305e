import keras
import numpy as np
import pytest

from models.training.callbacks.weight_average import WeightAverage


class Script(keras.callbacks.Callback):
    """Sets the only weight to the number of the step; notes it where the model is looked at."""

    def __init__(self):
        super().__init__()
        self.step = 0
        self.measured, self.at_ends, self.in_training = [], [], []

    def weight(self) -> float:
        return self.model.get_weights()[0].item()

    def on_train_batch_begin(self, batch, logs=None):
        self.in_training.append(self.weight())

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        self.model.set_weights([np.array([[float(self.step)]])])

    def on_test_batch_begin(self, batch, logs=None):
        self.measured.append(self.weight())

    def on_epoch_end(self, epoch, logs=None):
        self.at_ends.append(self.weight())


def run(decay: float, epochs: int = 2, steps: int = 3) -> Script:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([np.zeros((1, 1))])
    model.compile("sgd", "mse")
    script, ones = Script(), np.ones((steps, 1))
    model.fit(
        ones,
        ones,
        batch_size=1,
        epochs=epochs,
        validation_data=(ones[:1], ones[:1]),
        callbacks=[script, WeightAverage(decay)],
        verbose=0,
    )
    return script


def averages(decay: float, steps: int) -> list[float]:
    average, found = 0.0, []
    for step in range(1, steps + 1):
        mine = min(decay, (1 + step) / (10 + step))
        average = mine * average + (1 - mine) * step
        found.append(average)
    return found


@pytest.mark.parametrize("decay", [0.2, 0.999])
def test_evaluation_and_the_end_of_an_epoch_see_the_average(decay):
    script, expected = run(decay), averages(decay, 6)
    assert script.measured == pytest.approx([expected[2], expected[5]], rel=1e-5)
    assert script.at_ends == script.measured


def test_training_goes_on_from_the_weights_it_had():
    assert run(0.9).in_training == [0, 1, 2, 3, 4, 5]


def test_a_batch_normalisations_statistics_are_averaged_as_well():
    model = keras.Sequential([keras.Input((1,)), keras.layers.BatchNormalization()])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    data = np.arange(8.0)[:, np.newaxis]
    seen = []
    look = keras.callbacks.LambdaCallback(
        on_train_end=lambda logs: seen.append(model.layers[0].moving_mean.numpy()),
        on_epoch_end=lambda epoch, logs: seen.append(model.layers[0].moving_mean.numpy()),
    )
    model.fit(data, data, validation_data=(data, data), callbacks=[look, WeightAverage(0.5)], verbose=0)
    measured, after = seen
    # One step: d = 2/11 of the initial 0, 9/11 of the statistic after it.
    assert measured == pytest.approx(after * 9 / 11, rel=1e-5)


@pytest.mark.parametrize("decay", [0.0, 1.0])
def test_a_decay_out_of_range_is_refused(decay):
    with pytest.raises(ValueError, match=f"between 0 and 1. Received: decay={decay}"):
        WeightAverage(decay)
