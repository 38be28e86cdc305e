import numpy as np
import pytest

from models.network.attention.cbam import CBAM


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_channels_are_gated_first_and_places_by_what_is_left():
    layer = CBAM(kernel_size=1)
    feature_map = np.array([[[[1.0, 0.0], [3.0, 4.0]]]], np.float32)  # means (2, 2), maxima (3, 4)
    layer(feature_map)
    layer.squeeze.set_weights([np.eye(2, dtype=np.float32), np.zeros(2, np.float32)])
    layer.excite.set_weights([np.array([[1, 0], [0, -1]], np.float32), np.zeros(2, np.float32)])
    layer.place.set_weights([np.array([[[[1.0], [-2.0]]]], np.float32), np.array([0.5], np.float32)])
    gated = feature_map[0, 0] * sigmoid(np.array([2 + 3, -2 - 4]))
    places = sigmoid(gated.mean(axis=-1) - 2 * gated.max(axis=-1) + 0.5)
    np.testing.assert_allclose(layer(feature_map)[0, 0], gated * places[:, np.newaxis], rtol=1e-5)
    np.testing.assert_allclose(layer.attention_map(feature_map), places[np.newaxis, np.newaxis], rtol=1e-5)


def test_places_know_their_neighbours():
    layer = CBAM()
    feature_map = np.ones((1, 9, 9, 4), np.float32)
    layer(feature_map)
    before = np.asarray(layer.attention_map(feature_map))
    feature_map[0, 4, 4, :2] = -1  # mean 0; the maxima over channels and places stay
    feature_map[0, 0, 0] = 1
    changed = np.asarray(layer.attention_map(feature_map)) != before
    assert changed[0, 4, 7]


@pytest.mark.parametrize("values", [{"ratio": 0}, {"kernel_size": 4}, {"kernel_size": 0}])
def test_an_argument_out_of_range_is_refused(values):
    with pytest.raises(ValueError, match="`kernel_size` odd"):
        CBAM(**values)
