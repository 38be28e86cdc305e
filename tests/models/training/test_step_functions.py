import keras
import numpy as np
import pytest

from models.network.metrics import make_metrics
from models.training.step_functions import trace_once

pytestmark = pytest.mark.skipif(
    keras.__version__.startswith("3"), reason="Keras 3 traces a step once by itself"
)


class CountsTraces(keras.layers.Dense):
    """A dense layer that notes whether it trains whenever Python runs it."""

    def build(self, input_shape):
        self.traced = []
        super().build(input_shape)

    def call(self, inputs, training=None):
        self.traced.append(training)
        return super().call(inputs)


def fitted(at_once: int, traced_once: bool) -> tuple[keras.Model, dict[str, list[float]]]:
    """Fits a small network on seven batches of five records, the last of three."""
    random = np.random.default_rng(0)
    inputs = random.normal(size=(33, 4)).astype("float32")
    labels = (inputs[:, 0] + random.normal(size=33) > 0).astype("int64")
    kernel = keras.initializers.GlorotUniform(seed=1)
    model = keras.Sequential([keras.Input((4,)), CountsTraces(2, kernel_initializer=kernel)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.1), loss, metrics=make_metrics(2, 12), steps_per_execution=at_once)
    if traced_once:
        trace_once(model, 2)
    model.layers[0].traced.clear()
    history = model.fit(
        inputs,
        labels,
        batch_size=5,
        epochs=2,
        validation_data=(inputs[:12], labels[:12]),
        validation_batch_size=5,
        shuffle=False,
        verbose=0,
    ).history
    return model, history


def test_steps_are_those_of_keras_at_less_tracing():
    model, figures = fitted(at_once=3, traced_once=True)
    of_keras, expected = fitted(at_once=3, traced_once=False)
    assert figures.keys() == expected.keys() and figures["val_average_precision"][1] > 0.5
    for name, values in expected.items():
        np.testing.assert_allclose(figures[name], values, rtol=1e-6, err_msg=name)
    for mine, theirs in zip(model.get_weights(), of_keras.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6)
    assert int(model._train_counter) == int(of_keras._train_counter) == 14
    assert int(model._test_counter) == int(of_keras._test_counter)
    assert model.layers[0].traced == [True, False]
    assert len(of_keras.layers[0].traced) > 2
