import numpy as np
import pytest

from models.network.attention.squeeze_excitation import SqueezeExcitation


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_each_channel_is_multiplied_by_its_gate():
    layer = SqueezeExcitation()
    feature_map = np.array([[[[1.0, 0.0], [3.0, 4.0]]]], np.float32)  # means 2 and 2
    layer(feature_map)
    layer.squeeze.set_weights([np.eye(2, dtype=np.float32), np.array([0, -5], np.float32)])  # (2, 0)
    layer.excite.set_weights([np.array([[1, -1], [7, 7]], np.float32), np.zeros(2, np.float32)])
    gates = sigmoid(np.array([2.0, -2.0]))
    np.testing.assert_allclose(layer(feature_map), feature_map * gates, rtol=1e-6)
    expected_map = (np.array([[1.0, 3.0]]) * gates[0] + np.array([[0.0, 4.0]]) * gates[1]) / 2
    np.testing.assert_allclose(layer.attention_map(feature_map), expected_map[np.newaxis], rtol=1e-6)


@pytest.mark.parametrize(("channels", "inner"), [(2, 2), (32, 4), (160, 10)])
def test_the_inner_layer_has_a_unit_for_sixteen_channels_but_four_at_least(channels, inner):
    layer = SqueezeExcitation()
    layer.build((None, 3, 3, channels))
    assert layer.squeeze.units == inner


def test_a_ratio_below_one_is_refused():
    with pytest.raises(ValueError, match=r"`ratio` must be at least 1. Received: ratio=0"):
        SqueezeExcitation(ratio=0)
