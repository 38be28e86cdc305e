import keras
import numpy as np
import pytest

from models.network.branches.residual_block import residual_block


def block(channels: int) -> keras.Model:
    inputs = keras.Input((3, 2, channels))
    return keras.Model(inputs, residual_block(inputs, "block", seed=0))


def test_it_starts_by_passing_what_is_above_zero():
    maps = np.random.default_rng(0).normal(size=(2, 3, 2, 8)).astype(np.float32)
    np.testing.assert_allclose(block(8)(maps), np.maximum(maps, 0), rtol=1e-6)


def test_neighbours_have_a_say_once_the_last_normalisation_moves():
    model = block(8)
    model.get_layer("block_norm_2").gamma.assign(np.ones(8))
    maps = np.ones((1, 3, 2, 8), np.float32)
    changed = maps.copy()
    changed[0, 0, 0] = 3
    difference = np.abs(np.asarray(model(changed)) - model(maps)).max(axis=-1)[0]
    assert difference[1, 1] > 0
    assert difference[2, 1] == 0


@pytest.mark.parametrize(("channels", "inner"), [(16, 16), (64, 64), (128, 64), (1280, 320)])
def test_many_channels_pass_through_a_bottleneck(channels, inner):
    assert block(channels).get_layer("block_conv_1").filters == inner
