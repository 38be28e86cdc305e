import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.network.classifier import InputShape, build_classifier
from models.network.frozen_features import embedding_obstacle
from models.network.grad_cam import grad_cam
from models.network.mirror_average import MirrorMean, WithMirrorImages
from models.settings import ModelSettings

COUNTS = np.array([60, 30, 10])
SHAPE = InputShape(image=(12, 10, 3), num_numeric=2)
RANDOM = np.random.default_rng(0)
RECORDS = {
    "image": RANDOM.uniform(0, 255, (4, 12, 10, 3)).astype(np.float32),
    "numeric": RANDOM.normal(size=(4, 2)).astype(np.float32),
    "missing": np.zeros((4, 2), np.float32),
}
MIRRORED = {**RECORDS, "image": RECORDS["image"][:, :, ::-1]}


def classifier(augmentation: str, **settings) -> keras.Model:
    image = {"test_time_augmentation": augmentation, "dropout": 0.0}
    chosen = ModelSettings.model_validate({"image": image, "tabular": {"dropout": 0.0}, **settings})
    return build_classifier(SHAPE, chosen, COUNTS, seed=3)


@pytest.fixture(scope="module")
def averaged():
    return classifier("mirror")


@pytest.fixture(scope="module")
def plain():
    return classifier("none")


@given(
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4), st.integers(1, 2)),
        elements=st.floats(-8, 8, width=16),
    )
)
def test_mirror_images_come_after_the_images_and_their_maps_are_turned_back(images):
    both = np.asarray(WithMirrorImages()(images))
    np.testing.assert_array_equal(both, np.concatenate([images, np.flip(images, axis=2)]))
    # A network that keeps places and mirror images: both maps are then the same.
    np.testing.assert_array_equal(np.asarray(MirrorMean()(both)), images)
    ramp = np.arange(both.size, dtype=np.float32).reshape(both.shape)
    half = len(images)
    np.testing.assert_array_equal(
        np.asarray(MirrorMean()(ramp)), (ramp[:half] + np.flip(ramp[half:], axis=2)) / 2
    )


@pytest.mark.parametrize(
    "settings",
    [{"attention": "squeeze_excitation"}, {"branches": "experts"}, {"branches": "bilateral"}],
    ids=str,
)
def test_an_image_and_its_mirror_image_have_the_same_answer(settings):
    averaged, plain = classifier("mirror", **settings), classifier("none", **settings)
    np.testing.assert_allclose(averaged(RECORDS), averaged(MIRRORED), rtol=1e-4, atol=1e-5)
    assert np.abs(np.asarray(plain(RECORDS)) - np.asarray(plain(MIRRORED))).max() > 1e-3


def test_the_answer_is_that_to_the_mean_of_both_maps(averaged, plain):
    maps = keras.Model(plain.input, plain.get_layer("feature_map").output)
    expected = (np.asarray(maps(RECORDS)) + np.flip(np.asarray(maps(MIRRORED)), axis=2)) / 2
    found = keras.Model(averaged.input, averaged.get_layer("feature_map").output)(RECORDS)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_in_training_there_is_no_mirror_image(averaged, plain):
    start = averaged.get_weights()
    np.testing.assert_array_equal(averaged(RECORDS, training=True), plain(RECORDS, training=True))
    for model in (averaged, plain):
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        # Two steps: tracing them would take longer.
        model.compile(keras.optimizers.SGD(0.01), loss, run_eagerly=True)
        model.fit(RECORDS, np.array([0, 1, 2, 0]), epochs=2, shuffle=False, verbose=0)
    for mine, other in zip(averaged.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6)
    for model in (averaged, plain):
        model.set_weights(start)


def test_heat_maps_of_an_image_and_its_mirror_image_mirror_each_other(averaged):
    decided = np.array([0, 1, 2, 0])
    here, there = (grad_cam(averaged, records, decided) for records in (RECORDS, MIRRORED))
    assert here.max() > 0
    np.testing.assert_allclose(here, np.flip(there, axis=2), rtol=1e-3, atol=1e-4)


def test_features_of_a_frozen_backbone_are_not_kept():
    model = classifier("mirror")
    for layer in model.layers:
        layer.trainable = False
    assert "before its backbone sees it" in embedding_obstacle(model)
