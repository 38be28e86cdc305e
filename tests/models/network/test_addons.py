import inspect
import sys
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.named_classes import (
    ADDONS_DECAYING,
    ADDONS_OPTIMIZERS,
    ADDONS_UNSCHEDULED,
    ADDONS_WRAPPERS,
)
from models.network.addons import addons_optimizer, assign_averages, import_addons
from models.settings import OptimizerSettings
from models.training.optimizers.factory import current_learning_rate, make_optimizer
from tests.addons import needs_addons

pytestmark = needs_addons

RECORDS, LABELS = np.array([[1, 0], [0, 1], [1, 1]], np.float32), np.array([2, 0, 1])


def compiled(optimizer):
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(3)(inputs))
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def test_importing_is_silent(monkeypatch):
    import_addons()
    monkeypatch.delitem(sys.modules, "tensorflow_addons")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert import_addons().__name__ == "tensorflow_addons"


@pytest.mark.parametrize("name", ADDONS_OPTIMIZERS)
def test_a_listed_optimizer_takes_the_arguments_listed(name):
    optimizer = getattr(import_addons().optimizers, name.removeprefix("Addons>"))
    assert issubclass(optimizer, keras.optimizers.legacy.Optimizer)
    names = {
        parameter
        for kind in inspect.getmro(optimizer)[:2]
        for parameter in inspect.signature(kind.__init__).parameters
    }
    assert set(ADDONS_OPTIMIZERS[name]) <= names
    assert (name in ADDONS_WRAPPERS) == ("optimizer" in names)
    assert (name in ADDONS_DECAYING) == ("weight_decay" in names)


@pytest.mark.parametrize("name", ADDONS_OPTIMIZERS)
def test_every_listed_optimizer_trains_a_model_and_survives_saving(name, tmp_path):
    model = compiled(make_optimizer(OptimizerSettings(name=name, learning_rate=0.1, clip_norm=1.0)))
    before = model.layers[-1].kernel.numpy().copy()
    model.fit(RECORDS, LABELS, epochs=2, verbose=0)
    assert (model.layers[-1].kernel.numpy() != before).any()
    path = str(tmp_path / "model.keras")
    model.save(path)
    loaded = keras.saving.load_model(path)
    assert type(loaded.optimizer) is type(model.optimizer)
    np.testing.assert_array_equal(loaded.layers[-1].kernel.numpy(), model.layers[-1].kernel.numpy())


@pytest.mark.parametrize("name", [name for name in ADDONS_OPTIMIZERS if name not in ADDONS_UNSCHEDULED])
def test_the_learning_rate_and_its_schedule_reach_every_optimizer(name):
    settings = OptimizerSettings(name=name, learning_rate=0.1, schedule="cosine")
    optimizer = make_optimizer(settings, steps_per_epoch=1, epochs=4)
    weight = tf.Variable([1.0, 2.0])
    assert current_learning_rate(optimizer) == pytest.approx(0.1)
    for _ in range(2):
        optimizer.apply_gradients([(tf.constant([0.1, -0.3]), weight)])
    assert current_learning_rate(optimizer) == pytest.approx(0.05)


def test_an_optimizer_without_a_learning_rate_says_so():
    assert np.isnan(current_learning_rate(make_optimizer(OptimizerSettings(name="Addons>COCOB"))))


def test_lookahead_goes_half_of_what_sgd_goes_at_each_sync():
    slow = addons_optimizer("Addons>Lookahead", {"optimizer": "sgd", "sync_period": 1}, 0.1)
    weight = tf.Variable(1.0)
    slow.apply_gradients([(tf.constant(1.0), weight)])
    # SGD goes to 0.9; the slow weight follows half the way.
    assert float(weight) == pytest.approx(0.95)


def test_a_wrapper_directs_another_optimizer_of_addons_with_its_decay():
    wrapper = addons_optimizer("Addons>Lookahead", {"optimizer": "Addons>LAMB"}, 0.1, weight_decay=0.01)
    assert type(wrapper._optimizer).__name__ == "LAMB"
    assert float(wrapper._optimizer.weight_decay) == pytest.approx(0.01)


def test_the_average_of_swa_takes_the_place_of_the_weights():
    optimizer = addons_optimizer("Addons>SWA", {"optimizer": "sgd", "average_period": 1}, 0.5)
    model = compiled(optimizer)
    seen = []
    for _ in range(3):
        model.fit(RECORDS, LABELS, verbose=0)
        seen.append(model.layers[-1].kernel.numpy())
    assert assign_averages(model)
    np.testing.assert_allclose(model.layers[-1].kernel.numpy(), np.mean(seen, axis=0), rtol=1e-5)


def test_before_swa_begins_to_average_the_weights_stay():
    model = compiled(addons_optimizer("Addons>SWA", {"optimizer": "sgd", "start_averaging": 3}, 0.5))
    for has_average in (False, False, False, True):
        model.fit(RECORDS, LABELS, verbose=0)
        assert assign_averages(model) == has_average
        assert np.any(model.layers[-1].kernel.numpy())


def test_an_optimizer_without_averages_changes_nothing():
    model = compiled(keras.optimizers.Adam())
    before = model.layers[-1].kernel.numpy()
    assert not assign_averages(model)
    np.testing.assert_array_equal(model.layers[-1].kernel.numpy(), before)


@pytest.mark.parametrize(
    ("name", "config", "decay", "message"),
    [
        ("Addons>Yogi", {}, 0.1, "`training.optimizer.weight_decay` must be 0 with Addons>Yogi"),
        ("Addons>SWA", {}, 0.1, "`training.optimizer.weight_decay` must be 0 with adam"),
        ("Addons>SWA", {"optimizer": "Addons>SWA"}, 0, "Received: 'Addons>SWA'"),
        ("Addons>SWA", {"optimizer": "rmsprop"}, 0, "must be adam, sgd, or the name"),
        ("Addons>SWA", {"average_period": 0}, 0, "`training.optimizer.config` does not fit Addons>SWA: "),
        ("Addons>Nothing", {}, 0, "has no such optimizer. Received: 'Addons>Nothing'"),
    ],
)
def test_what_an_optimizer_cannot_do_is_refused(name, config, decay, message):
    with pytest.raises(ValueError, match=message):
        addons_optimizer(name, config, 0.1, decay)
