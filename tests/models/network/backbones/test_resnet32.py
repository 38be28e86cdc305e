import numpy as np
import pytest

from models.network.backbones.resnet32 import resnet32
from models.settings import ImageModelSettings

SETTINGS = ImageModelSettings(backbone="resnet32", size=(32, 32))


@pytest.fixture(scope="module")
def model():
    return resnet32(SETTINGS, (32, 32, 3))


@pytest.fixture(scope="module")
def small():
    """A network for the smallest images."""
    return resnet32(SETTINGS, (8, 12, 3))


@pytest.fixture(scope="module")
def odd():
    """A network for grey images of sides that 4 does not divide, of another seed."""
    return resnet32(SETTINGS, (9, 14, 1), seed=2)


def test_it_has_the_parameters_of_the_paper(model):
    convolutions = 9 * 3 * 16 + 10 * 9 * 16**2 + (9 * 16 * 32 + 9 * 9 * 32**2) + (9 * 32 * 64 + 9 * 9 * 64**2)
    norms = 2 * (11 * 16 + 10 * 32 + 10 * 64)
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert trained == convolutions + norms
    assert round(trained / 1e6, 2) == 0.46


def test_it_has_31_convolutions_before_the_classifier(model):
    assert sum(layer.name.endswith("_conv") for layer in model.layers) == 31


@pytest.mark.parametrize(("network", "map_sides"), [("small", (2, 3)), ("odd", (3, 4)), ("model", (8, 8))])
def test_the_map_is_a_quarter_of_the_image_rounded_up(network, map_sides, request):
    network = request.getfixturevalue(network)
    features = np.asarray(network(np.zeros((2, *network.input.shape[1:]), "f4")))
    assert features.shape == (2, *map_sides, 64)
    assert (features >= 0).all()


def test_a_halving_shortcut_takes_every_other_pixel_and_adds_empty_channels(small):
    """With the residual's last norm at scale 0 a block is the ReLU of its shortcut."""
    kept = small.get_weights()
    for block in ("stage_1_block_0", *(f"stage_1_block_{number}" for number in range(1, 5))):
        norm = small.get_layer(f"{block}_second_norm")
        norm.set_weights([np.zeros(32, "f4"), *norm.get_weights()[1:]])
    before, after = (
        small.get_layer("stage_0_block_4_relu").output,
        small.get_layer("stage_1_block_4_relu").output,
    )
    pixels = np.random.default_rng(0).uniform(0, 255, (1, 8, 12, 3)).astype("f4")
    first, second = (
        np.asarray(values) for values in type(small)(small.input, [before, after])(pixels, training=False)
    )
    small.set_weights(kept)
    np.testing.assert_allclose(second[..., :16], first[:, ::2, ::2], rtol=1e-5)
    assert not second[..., 16:].any()


def test_the_seed_decides_the_initial_weights(model, small, odd):
    first, again, other = (
        each.get_layer("stage_0_block_0_first_conv").get_weights()[0] for each in (model, small, odd)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_an_image_of_less_than_eight_pixels_is_refused():
    with pytest.raises(ValueError, match=r"at least 8 x 8 pixels. Received: input_shape=\(7, 8, 3\)"):
        resnet32(SETTINGS, (7, 8, 3))
