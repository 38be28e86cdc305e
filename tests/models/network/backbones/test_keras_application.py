from pathlib import Path

import keras
import numpy as np
import pytest

import models
from models.catalogue.backbones import backbone_row
from models.network.backbones.image_backbone import image_backbone
from models.network.backbones.layer_graph import flat_layers
from models.settings import ImageModelSettings

# Beside the repository, where a machine has it: too large to be part of it.
PRETRAINED = (
    Path(models.__file__).parents[1]
    / "../shared/weights/mobilenetv2_035/mobilenet_v2_0.35_224_no_top.weights.h5"
)
needs_pretrained = pytest.mark.skipif(
    not PRETRAINED.is_file(), reason="needs MobileNetV2 0.35 weights in ../shared beside the repository"
)
PIXELS = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype(np.float32)


def mobilenet(size=(32, 32), channels=3, seed=0, **values):
    settings = ImageModelSettings(backbone="MobileNetV2", size=size, **{"alpha": 0.35, **values})
    return image_backbone(settings, (*size, channels), seed)


@pytest.fixture(scope="module")
def plain():
    """A backbone as it is made, for whoever only looks at it."""
    return mobilenet()


@pytest.fixture(scope="module")
def grey():
    return mobilenet(channels=1)


@pytest.fixture(scope="module")
def odd():
    """A backbone for images of which 32 divides one side alone, of another seed."""
    return mobilenet((96, 47), seed=2)


@pytest.fixture(scope="module")
def pretrained():
    return mobilenet(weights=str(PRETRAINED))


# Parameters at alpha 1, as Keras documents them.
@pytest.mark.parametrize(
    ("name", "wide"), [("MobileNet", 3_228_864), ("MobileNetV2", 2_257_984), ("MobileNetV3Small", 939_120)]
)
def test_alpha_reaches_the_models_that_have_it(name, wide, plain):
    if name == "MobileNetV2":
        narrow = plain
    else:
        narrow = image_backbone(ImageModelSettings(backbone=name, alpha=0.5, size=(32, 32)), (32, 32, 3))
    assert narrow.count_params() < wide / 2


@pytest.mark.parametrize("name", ["VGG16", "Xception"])
def test_the_smallest_side_is_the_one_that_keras_accepts(name):
    least = backbone_row(name).smallest_side
    build = getattr(keras.applications, name)
    build(include_top=False, weights=None, input_shape=(least, least + 1, 3))
    with pytest.raises(ValueError, match="at least"):
        build(include_top=False, weights=None, input_shape=(least - 1, least, 3))


def test_an_image_that_is_too_small_is_refused_with_the_minimum():
    settings = ImageModelSettings(backbone="Xception", size=(71, 71))
    with pytest.raises(ValueError, match=r"Xception needs images of at least 71 x 71 pixels.*small_cnn"):
        image_backbone(settings, (70, 71, 3))


def test_odd_sizes_end_in_a_feature_map(odd):
    features = np.asarray(odd(np.zeros((1, 96, 47, 3), "f4")))
    assert features.shape == (1, 3, 2, 1280)


def test_a_grey_image_is_seen_as_three_equal_channels(plain, grey):
    np.testing.assert_allclose(
        grey(PIXELS[..., :1]), plain(np.repeat(PIXELS[..., :1], 3, axis=-1)), atol=1e-5
    )


def test_the_model_carries_the_name_of_the_backbone(plain):
    assert plain.name == "MobileNetV2"


def test_the_seed_decides_the_initial_weights_of_every_kernel(plain, grey, odd):
    # Neither the size of images nor their channels are in the shape of any weight.
    first, again, other = (each.get_weights() for each in (plain, grey, odd))
    for one, same, different in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(one, same)
        # Biases and the statistics of batch normalisation start at constants.
        assert one.ndim == 1 or not np.array_equal(one, different)


def test_moving_averages_settle_quickly_from_random_weights(plain):
    norms = [layer for layer in flat_layers(plain) if isinstance(layer, keras.layers.BatchNormalization)]
    assert norms
    assert all(norm.momentum == 0.9 for norm in norms)


@needs_pretrained
def test_a_weights_file_gives_the_features_of_keras_applications(pretrained):
    path = str(PRETRAINED)
    reference = keras.applications.MobileNetV2(
        alpha=0.35, include_top=False, weights=path, input_shape=(32, 32, 3)
    )
    expected = reference(keras.applications.mobilenet_v2.preprocess_input(PIXELS.copy()), training=False)
    features = np.asarray(pretrained(PIXELS))
    assert features.max() > 1
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-5)


@needs_pretrained
def test_a_weights_file_of_another_width_is_refused_with_layer_and_shapes():
    with pytest.raises(ValueError) as caught:
        mobilenet(alpha=0.5, weights=str(PRETRAINED))
    assert "do not fit mobilenetv2_0.50_32" in str(caught.value)
    assert "block_1_project" in str(caught.value)
    assert "(1, 1, 48, 16)" in str(caught.value)
    assert "(1, 1, 48, 8)" in str(caught.value)
    assert "same architecture and width" in str(caught.value)


@needs_pretrained
@pytest.mark.parametrize("kept", [True, False])
def test_pretrained_batch_norm_keeps_its_statistics_in_training(pretrained, kept):
    backbone = pretrained if kept else mobilenet(weights=str(PRETRAINED), frozen_batch_norm=False)
    norm = next(
        layer for layer in flat_layers(backbone) if isinstance(layer, keras.layers.BatchNormalization)
    )
    before = [array.copy() for array in norm.get_weights()]
    backbone(PIXELS, training=True)
    assert all(map(np.array_equal, before, norm.get_weights())) == kept
    # Statistics that are learnt follow the weights; 0.999 would lag.
    assert norm.momentum == (0.999 if kept else 0.9)


def test_the_same_weights_as_a_file_scale_pixels_of_efficientnet_as_imagenet_does(tmp_path, monkeypatch):
    """keras.applications divides by the root of the deviation once more, but under weights=imagenet alone."""
    mean, deviation = np.array([0.485, 0.456, 0.406], "f4"), np.array([0.229, 0.224, 0.225], "f4")
    saved = keras.applications.EfficientNetB0(include_top=False, weights=None, input_shape=(32, 32, 3))
    normalization = next(layer for layer in saved.layers if isinstance(layer, keras.layers.Normalization))
    _, _, *count = normalization.get_weights()
    normalization.set_weights([mean, deviation**2, *count])
    saved.save_weights(tmp_path / "b0.weights.h5")
    # The network that was saved is loaded into, for it takes long to make another one.
    normalization.set_weights([np.zeros(3), np.ones(3), *count])
    monkeypatch.setattr(keras.applications, "EfficientNetB0", lambda **_: saved)

    settings = ImageModelSettings(
        backbone="EfficientNetB0", size=(32, 32), weights=str(tmp_path / "b0.weights.h5")
    )
    loaded = image_backbone(settings, (32, 32, 3))
    stem = [layer for layer in flat_layers(loaded) if isinstance(layer, keras.layers.Normalization)]
    scaled = np.asarray(stem[0](PIXELS / 255))
    np.testing.assert_allclose(
        scaled, (PIXELS / 255 - mean) / deviation / np.sqrt(deviation), rtol=1e-4, atol=1e-4
    )


def test_imagenet_weights_that_cannot_be_fetched_say_what_to_do(monkeypatch):
    def unreachable(**_):
        raise Exception("URL fetch failure on https://storage.googleapis.com/...: None -- unreachable")

    monkeypatch.setattr(keras.applications, "MobileNetV2", unreachable)
    with pytest.raises(
        ConnectionError, match=r"ImageNet weights of MobileNetV2 cannot be fetched.*to its path"
    ):
        mobilenet(weights="imagenet")


def test_other_errors_are_not_taken_for_a_failed_download(monkeypatch):
    def broken(**_):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(keras.applications, "MobileNetV2", broken)
    with pytest.raises(RuntimeError, match="out of memory"):
        mobilenet(weights="imagenet")
