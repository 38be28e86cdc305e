import keras
import numpy as np
import pytest
import tensorflow as tf

from models.network.variable_path import variable_path
from models.settings import OptimizerSettings
from models.training.optimizers.factory import current_learning_rate, make_optimizer


def step(optimizer, gradient=1.0):
    weight = tf.Variable(1.0)
    optimizer.apply_gradients([(tf.constant(gradient), weight)])
    return float(weight) - 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("adam", keras.optimizers.Adam),
        ("adamw", keras.optimizers.AdamW),
        ("sgd", keras.optimizers.SGD),
    ],
)
def test_settings_choose_the_optimizer_and_its_rate(name, kind):
    optimizer = make_optimizer(OptimizerSettings(name=name, learning_rate=0.01))
    assert type(optimizer) is kind
    assert step(optimizer) == pytest.approx(-0.01, rel=1e-3)
    assert current_learning_rate(optimizer) == pytest.approx(0.01)


def test_sgd_has_momentum():
    assert make_optimizer(OptimizerSettings(name="sgd")).momentum == 0.9


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
def test_weight_decay_draws_a_weight_without_gradient_to_zero(name):
    optimizer = make_optimizer(OptimizerSettings(name=name, learning_rate=0.1, weight_decay=0.5))
    assert step(optimizer, gradient=0.0) == pytest.approx(-0.1 * 0.5, rel=1e-5)


def test_the_norm_over_all_gradients_is_clipped():
    optimizer = make_optimizer(OptimizerSettings(name="sgd", learning_rate=1.0, clip_norm=1.0))
    weights = [tf.Variable(0.0), tf.Variable(0.0)]
    optimizer.apply_gradients(zip([tf.constant(3.0), tf.constant(4.0)], weights, strict=True))
    np.testing.assert_allclose([float(weight) for weight in weights], [-0.6, -0.8], rtol=1e-6)


def test_a_warm_up_begins_with_a_small_step():
    settings = OptimizerSettings(name="sgd", learning_rate=1.0, warmup_epochs=2)
    optimizer = make_optimizer(settings, steps_per_epoch=5, epochs=4)
    assert current_learning_rate(optimizer) == pytest.approx(0.1)
    assert step(optimizer) == pytest.approx(-0.1)
    assert current_learning_rate(optimizer) == pytest.approx(0.2)


def test_a_schedule_without_the_number_of_steps_is_refused():
    with pytest.raises(
        ValueError, match=r"needed for a schedule or a warm-up\. Received: steps_per_epoch=None"
    ):
        make_optimizer(OptimizerSettings(schedule="cosine"))


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
def test_the_backbone_gets_its_share_of_the_learning_rate(name):
    images = keras.Input((2,))
    backbone = keras.Model(images, keras.layers.Dense(2, name="block")(images), name="small_cnn")
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(2, name="logits")(backbone(inputs)))
    settings = OptimizerSettings(name=name, learning_rate=0.01, backbone_rate=0.1)
    optimizer = make_optimizer(settings, model=model, backbone="small_cnn")
    before = [weight.numpy() for weight in model.trainable_variables]
    optimizer.apply_gradients([(tf.ones_like(weight), weight) for weight in model.trainable_variables])
    steps = {
        variable_path(weight): abs(weight.numpy() - start).mean()
        for weight, start in zip(model.trainable_variables, before, strict=True)
    }
    assert len(steps) == 4
    for weight, size in steps.items():
        assert size == pytest.approx(0.001 if weight.startswith("block") else 0.01, rel=1e-3)


def test_a_backbone_rate_without_a_backbone_is_refused():
    with pytest.raises(ValueError, match=r"backbone_rate=0.1 with model=None, backbone=None"):
        make_optimizer(OptimizerSettings(backbone_rate=0.1))
