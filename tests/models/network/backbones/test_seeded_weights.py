import keras
import numpy as np

from models.network.backbones.seeded_weights import draw_weights


def drawn(seed):
    layers = [
        keras.layers.Conv2D(8, 3, kernel_initializer="he_normal"),
        keras.layers.SeparableConv2D(8, 3),
        keras.layers.DepthwiseConv2D(3),
        keras.Sequential([keras.layers.Conv2D(8, 3, kernel_initializer="he_normal")]),
        keras.layers.Dense(4, kernel_initializer="ones"),
    ]
    model = keras.Sequential([keras.Input((12, 12, 8)), *layers])
    draw_weights(model, seed)
    return model.get_weights()


def test_every_random_kernel_follows_the_seed():
    first, again, other = drawn(1), drawn(1), drawn(2)
    for one, same, different in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(one, same)
        is_random = one.ndim == 4
        assert np.array_equal(one, different) != is_random


def test_kernels_of_equal_shape_differ_and_keep_the_spread_of_their_initializer():
    kernels = [array for array in drawn(1) if array.shape == (3, 3, 8, 8)]
    assert len(kernels) == 2
    assert not np.array_equal(*kernels)
    for kernel in kernels:
        np.testing.assert_allclose(kernel.std(), np.sqrt(2 / (9 * 8)), rtol=0.1)
