import keras
import numpy as np
import pytest
import tensorflow as tf

from models.network.variable_path import variable_path
from models.training.optimizers.layer_rates import (
    LayerRatesAdam,
    LayerRatesAdamW,
    LayerRatesSGD,
    rates_of_layer,
)
from models.training.optimizers.schedules import WarmupSchedule

MAKE = {
    "adam": (LayerRatesAdam, keras.optimizers.Adam, {}),
    "adam_with_decay": (LayerRatesAdam, keras.optimizers.Adam, {"weight_decay": 0.1}),
    "adamw": (LayerRatesAdamW, keras.optimizers.AdamW, {"weight_decay": 0.1}),
    "sgd": (LayerRatesSGD, keras.optimizers.SGD, {"momentum": 0.9}),
    "sgd_with_decay": (LayerRatesSGD, keras.optimizers.SGD, {"momentum": 0.9, "weight_decay": 0.1}),
}


def two_weights():
    return [tf.Variable([1.0, -2.0], name=name) for name in ("backbone/kernel", "head/kernel")]


def step(optimizer, weights, gradient=(0.3, -0.7)):
    before = [weight.numpy() for weight in weights]
    optimizer.apply_gradients([(tf.constant(gradient), weight) for weight in weights])
    return [weight.numpy() - start for weight, start in zip(weights, before, strict=True)]


@pytest.mark.parametrize("name", MAKE)
def test_a_factor_of_a_tenth_makes_a_tenth_of_the_step_and_leaves_the_rest(name):
    kind, plain, arguments = MAKE[name]
    slow, head = step(kind(0.01, rates={"backbone": 0.1}, **arguments), two_weights())
    full, _ = step(plain(0.01, **arguments), two_weights())
    np.testing.assert_allclose(head, full, rtol=1e-5)
    np.testing.assert_allclose(slow, 0.1 * full, rtol=1e-3)


@pytest.mark.parametrize("name", MAKE)
def test_a_factor_of_zero_makes_no_step(name):
    kind, _, arguments = MAKE[name]
    optimizer, weights = kind(0.01, rates={"backbone/kernel": 0}, **arguments), two_weights()
    for _ in range(3):
        still, moved = step(optimizer, weights)
        np.testing.assert_array_equal(still, [0, 0])
        assert abs(moved).min() > 0


@pytest.mark.parametrize("name", MAKE)
def test_without_rates_it_is_the_plain_optimizer(name):
    kind, plain, arguments = MAKE[name]
    ours, theirs, optimizers = (
        two_weights(),
        two_weights(),
        (kind(0.01, **arguments), plain(0.01, **arguments)),
    )
    for gradient in ([0.3, -0.7], [-0.2, 0.1], [1.0, 0.0]):
        step(optimizers[0], ours, gradient)
        step(optimizers[1], theirs, gradient)
    np.testing.assert_array_equal([w.numpy() for w in ours], [w.numpy() for w in theirs])


def test_the_learning_rate_is_reported_and_set_unscaled():
    optimizer, weights = LayerRatesSGD(0.5, rates={"backbone": 0.1}), two_weights()
    step(optimizer, weights)
    assert float(optimizer.learning_rate) == 0.5
    optimizer.learning_rate = 0.2
    slow, head = step(optimizer, weights, (1.0, 1.0))
    np.testing.assert_allclose(slow, -0.02, rtol=1e-5)
    np.testing.assert_allclose(head, -0.2, rtol=1e-5)


def test_a_schedule_is_scaled_too():
    schedule = WarmupSchedule(1.0, "cosine", steps_per_epoch=1, epochs=2)
    optimizer, weights = LayerRatesSGD(schedule, rates={"backbone": 0.1}), two_weights()
    step(optimizer, weights, (1.0, 1.0))
    slow, head = step(optimizer, weights, (1.0, 1.0))
    np.testing.assert_allclose(slow, -0.05, rtol=1e-5)
    np.testing.assert_allclose(head, -0.5, rtol=1e-5)


def test_rows_of_an_embedding_are_scaled_too():
    weight = tf.Variable(tf.zeros((3, 2)), name="backbone/table")
    rows = tf.IndexedSlices(tf.ones((1, 2)), tf.constant([1]), tf.constant([3, 2]))
    LayerRatesSGD(1.0, rates={"backbone": 0.1}).apply_gradients([(rows, weight)])
    np.testing.assert_allclose(weight.numpy(), [[0, 0], [-0.1, -0.1], [0, 0]])


def test_the_longest_path_decides_and_a_path_ends_at_a_slash():
    optimizer = LayerRatesSGD(rates={"block": 0.5, "block/conv": 0.1})
    names = ("block/conv/kernel", "block/norm/gamma", "block_2/conv/kernel")
    assert [optimizer.rate_of(tf.Variable(0.0, name=name)) for name in names] == [0.1, 0.5, 1.0]


def classifier():
    images = keras.Input((4,))
    backbone = keras.Model(images, keras.layers.Dense(3, name="block_0")(images), name="small")
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(2, name="logits")(backbone(inputs)))


def test_all_weights_of_a_nested_model_get_its_rate():
    assert rates_of_layer(classifier(), "small", 0.1) == {"block_0/bias": 0.1, "block_0/kernel": 0.1}


def test_a_model_trained_saved_and_loaded_keeps_its_rates(tmp_path):
    model = classifier()
    rates = rates_of_layer(model, "small", 0.0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(LayerRatesAdam(0.1, rates=rates), loss)
    records, labels = np.eye(4, dtype=np.float32), np.array([0, 1, 0, 1])
    path = str(tmp_path / "model.keras")
    for _ in range(2):
        before = [weight.numpy() for weight in model.trainable_variables]
        model.fit(records, labels, verbose=0)
        moved = {
            variable_path(weight): (weight.numpy() != start).any()
            for weight, start in zip(model.trainable_variables, before, strict=True)
        }
        assert {path for path, has in moved.items() if not has} == set(rates)
        model.save(path)
        model = keras.saving.load_model(path)
    assert model.optimizer.get_config()["rates"] == rates


def test_a_layer_the_model_does_not_have_is_refused():
    with pytest.raises(ValueError, match=r"no layer of this name\. Received: 'large'"):
        rates_of_layer(classifier(), "large", 0.1)


def test_a_path_shared_with_a_weight_outside_is_refused():
    images = keras.Input((4,))
    backbone = keras.Model(images, keras.layers.Dense(4, name="dense")(images), name="small")
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(2, name="dense")(backbone(inputs)))
    with pytest.raises(ValueError, match="share a path"):
        rates_of_layer(model, "small", 0.1)


@pytest.mark.parametrize("rate", [-0.1, float("nan"), float("inf")])
def test_a_rate_out_of_range_is_refused(rate):
    with pytest.raises(ValueError, match=f"Received: backbone={rate}"):
        LayerRatesSGD(rates={"backbone": rate})
