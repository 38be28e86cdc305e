"""Frozen batch normalisation as the affine map that it is."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.network.backbones.batch_norm import freeze_batch_norm, frozen_batch_norm_as_affine
from models.network.backbones.layer_graph import flat_layers

pytestmark = pytest.mark.skipif(
    keras.__version__.startswith("3"), reason="Keras 3 has no fused batch normalisation"
)


def norms(model: keras.Model) -> list[keras.layers.BatchNormalization]:
    return [layer for layer in flat_layers(model) if isinstance(layer, keras.layers.BatchNormalization)]


@pytest.fixture
def network() -> keras.Model:
    """A network inside another, its normalisation frozen with statistics far from those it begins with."""
    keras.utils.set_random_seed(0)
    images = keras.Input((8, 8, 3))
    hidden = keras.layers.Conv2D(4, 3, padding="same", use_bias=False)(images)
    hidden = keras.layers.BatchNormalization()(hidden)
    hidden = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False)(keras.layers.ReLU()(hidden))
    inner = keras.Model(images, keras.layers.BatchNormalization()(hidden))
    outer_images = keras.Input((8, 8, 3))
    model = keras.Model(outer_images, keras.layers.Dense(2)(keras.layers.Flatten()(inner(outer_images))))
    random = np.random.default_rng(0)
    for norm in norms(model):
        norm.set_weights([random.uniform(0.5, 2, weight.shape) for weight in norm.get_weights()])
    freeze_batch_norm(model)
    return model


def loss_and_gradients(model: keras.Model, images: np.ndarray) -> tuple[float, list[np.ndarray]]:
    @tf.function
    def step(pixels):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(model(pixels, training=True) ** 2)
        return loss, tape.gradient(loss, model.trainable_variables)

    loss, gradients = step(images)
    return float(loss), [gradient.numpy() for gradient in gradients]


def test_losses_and_gradients_are_those_of_the_fused_operation(network):
    images = np.random.default_rng(1).normal(size=(6, 8, 8, 3)).astype("f4")
    loss, gradients = loss_and_gradients(network, images)
    with frozen_batch_norm_as_affine(network):
        assert not any(norm.fused for norm in norms(network))
        as_affine, affine_gradients = loss_and_gradients(network, images)
    assert as_affine == pytest.approx(loss, rel=1e-5)
    assert len(gradients) == len(affine_gradients) == 4
    for expected, found in zip(gradients, affine_gradients, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_the_fused_operation_is_back_afterwards_even_where_training_fails(network):
    with pytest.raises(KeyboardInterrupt), frozen_batch_norm_as_affine(network):
        raise KeyboardInterrupt
    assert all(norm.fused for norm in norms(network))


def test_layers_that_learn_their_statistics_stay_fused(network):
    trained, frozen = norms(network)
    trained.trainable = True
    with frozen_batch_norm_as_affine(network):
        assert (trained.fused, frozen.fused) == (True, False)
