"""What every loss, metric, layer and initializer of the network must be able to do."""

import importlib
import inspect
import json
import pkgutil

import keras
import numpy as np
import pytest

import models.network
from models.network.column_embeddings import ColumnEmbeddings
from models.network.log_prior import LogPrior
from models.network.losses import Focal, WeightedCrossEntropy
from models.network.metrics import BalancedAccuracy, MacroF1
from models.network.soft_clip import SoftClip

LOSSES = {
    "cross_entropy": lambda: WeightedCrossEntropy(),
    "cross_entropy_with_all": lambda: WeightedCrossEntropy(
        np.array([0.5, 1.0, 2.5], np.float32), label_smoothing=0.1, name="mine"
    ),
    "focal": lambda: Focal(),
    "focal_with_all": lambda: Focal(gamma=0.7, class_weights=(1, 2, 3), name="mine"),
}
METRICS = {
    "macro_f1": lambda: MacroF1(3),
    "balanced_accuracy": lambda: BalancedAccuracy(3, name="mine"),
}
LAYERS = {
    "soft_clip": (lambda: SoftClip(name="mine"), np.array([[1.0, 50.0]], np.float32)),
    "column_embeddings": (
        lambda: ColumnEmbeddings((3, 4), dim=2, seed=5, name="mine"),
        np.array([[2, 3], [0, 1]]),
    ),
}
INITIALIZERS = {"log_prior": lambda: LogPrior(np.array([7, 2, 1]))}

LABELS = np.array([0, 1, 2, 2, 0])
LOGITS = np.random.default_rng(0).normal(0, 2, (5, 3)).astype(np.float32)
SAMPLE_WEIGHTS = np.array([1.0, 0.5, 2.0, 0.0, 3.0], np.float32)


def round_trip(thing):
    """Sends an object through its serialised form as JSON, the way a `.keras` file does."""
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(thing)))
    return keras.saving.deserialize_keras_object(config)


def measured(metric):
    metric.update_state(LABELS, LOGITS, sample_weight=SAMPLE_WEIGHTS)
    return float(metric.result())


def test_every_keras_class_of_the_network_is_under_contract():
    made = [make() for make in (*LOSSES.values(), *METRICS.values(), *INITIALIZERS.values())]
    under_contract = {type(thing) for thing in made} | {type(make()) for make, _ in LAYERS.values()}
    kinds = (
        keras.losses.Loss,
        keras.metrics.Metric,
        keras.layers.Layer,
        keras.initializers.Initializer,
    )
    defined = set()
    for module in pkgutil.walk_packages(models.network.__path__, "models.network."):
        for name, thing in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(thing, kinds) and thing.__module__.startswith("models.network") and name[0] != "_":
                defined.add(thing)
    assert defined == under_contract


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_survives_serialisation(name):
    loss = LOSSES[name]()
    copy = round_trip(loss)
    assert type(copy) is type(loss)
    assert copy.get_config() == loss.get_config()
    assert copy.name == loss.name
    before, after = (float(each(LABELS, LOGITS, sample_weight=SAMPLE_WEIGHTS)) for each in (loss, copy))
    assert before == after


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_one_number_and_never_negative(name):
    value = LOSSES[name]()(LABELS, LOGITS)
    assert value.shape == ()
    assert float(value) > 0


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_does_not_change_with_a_shift_of_all_logits(name):
    loss = LOSSES[name]()
    assert float(loss(LABELS, LOGITS + 3)) == pytest.approx(float(loss(LABELS, LOGITS)), rel=1e-5)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_survives_serialisation(name):
    metric = METRICS[name]()
    copy = round_trip(metric)
    assert type(copy) is type(metric)
    assert copy.get_config() == metric.get_config()
    assert copy.name == metric.name
    assert measured(copy) == measured(metric)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_one_for_a_perfect_answer_and_starts_anew_when_reset(name):
    metric = METRICS[name]()
    measured(metric)
    metric.reset_state()
    metric.update_state(LABELS, np.eye(3, dtype=np.float32)[LABELS])
    assert float(metric.result()) == 1


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_survives_serialisation(name):
    make, inputs = LAYERS[name]
    layer = make()
    outputs = np.asarray(layer(inputs))
    copy = round_trip(layer)
    assert copy.get_config() == layer.get_config()
    np.testing.assert_array_equal(np.asarray(copy(inputs)), outputs)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_says_its_output_shape_before_it_is_called(name):
    make, inputs = LAYERS[name]
    assert tuple(make().compute_output_shape(inputs.shape)) == np.asarray(make()(inputs)).shape


@pytest.mark.parametrize("name", INITIALIZERS)
def test_an_initializer_survives_serialisation(name):
    initializer = INITIALIZERS[name]()
    copy = round_trip(initializer)
    assert copy.get_config() == initializer.get_config()
    np.testing.assert_array_equal(np.asarray(copy((3,))), np.asarray(initializer((3,))))
