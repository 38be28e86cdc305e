import keras
import numpy as np
import pytest

from models.network.backbones.inference_mode import call_in_inference_mode


@pytest.mark.parametrize(
    "dropping",
    [
        keras.layers.Dropout(0.5, noise_shape=(None, 1, 1, 1)),
        keras.layers.SpatialDropout2D(0.5),
        keras.layers.GaussianDropout(0.5),
        keras.layers.GaussianNoise(1.0),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_nothing_is_dropped_while_the_network_around_is_trained(dropping):
    images = keras.Input((4, 4, 3))
    # At some depth, as the blocks of a backbone are.
    block = keras.Sequential([keras.Input((4, 4, 3)), dropping])
    backbone = keras.Model(images, block(keras.layers.Conv2D(3, 1)(images)), name="backbone")
    outer = keras.Input((4, 4, 3))
    model = keras.Model(outer, keras.layers.Activation("linear")(call_in_inference_mode(backbone, outer)))
    pixels = np.random.default_rng(0).normal(size=(16, 4, 4, 3)).astype("f4")
    expected = np.asarray(model(pixels, training=False))
    np.testing.assert_array_equal(np.asarray(model(pixels, training=True)), expected)
    assert np.any(expected != 0)
