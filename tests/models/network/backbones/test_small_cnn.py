import numpy as np
import pytest

from models.network.backbones.small_cnn import small_cnn
from models.settings import ImageModelSettings

DEFAULT = ImageModelSettings()


@pytest.mark.parametrize(
    ("height", "width", "map_size"),
    [
        (8, 8, (4, 4)),
        (9, 31, (4, 15)),
        (28, 28, (7, 7)),
        (64, 64, (4, 4)),
        (96, 64, (6, 4)),
        (128, 128, (4, 4)),
        (256, 256, (8, 8)),
    ],
)
def test_every_image_size_ends_in_a_small_map_of_128_filters(height, width, map_size):
    model = small_cnn(DEFAULT, (height, width, 3))
    features = np.asarray(model(np.zeros((2, height, width, 3), np.float32)))
    assert features.shape == (2, *map_size, 128)
    assert 100_000 < model.count_params() < 300_000


def test_pixels_are_scaled_to_minus_one_to_one():
    scale = small_cnn(DEFAULT, (8, 8, 1)).get_layer("scale")
    scaled = np.asarray(scale(np.array([0.0, 127.5, 255.0], np.float32)))
    np.testing.assert_allclose(scaled, [-1, 0, 1], atol=1e-6)


def test_features_are_finite_and_tell_black_from_white():
    model = small_cnn(DEFAULT, (16, 16, 3))
    black, white = np.asarray(
        model(np.stack([np.zeros((16, 16, 3)), np.full((16, 16, 3), 255.0)]).astype("f4"))
    )
    assert np.isfinite([black, white]).all()
    assert abs(black - white).max() > 0.1


def test_alpha_multiplies_the_filters():
    half = small_cnn(ImageModelSettings(alpha=0.5), (16, 16, 3))
    assert half(np.zeros((1, 16, 16, 3), np.float32)).shape[-1] == 64


def test_the_narrowest_network_keeps_a_filter_in_every_layer():
    narrow = small_cnn(ImageModelSettings(alpha=0.001), (8, 8, 3))
    assert narrow(np.zeros((1, 8, 8, 3), np.float32)).shape[-1] == 1


def test_the_seed_decides_the_initial_weights():
    first, again, other = (
        small_cnn(DEFAULT, (8, 8, 3), seed).get_layer("block_0_conv") for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.get_weights()[0], again.get_weights()[0])
    assert not np.array_equal(first.get_weights()[0], other.get_weights()[0])


def test_an_image_of_less_than_eight_pixels_is_refused():
    with pytest.raises(ValueError, match=r"at least 8 x 8 pixels. Received: input_shape=\(7, 8, 3\)"):
        small_cnn(DEFAULT, (7, 8, 3))
