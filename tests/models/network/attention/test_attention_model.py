import numpy as np
import pytest

from models.network.attention.attention_model import AttentionMap, attention_model
from models.network.classifier import InputShape, build_classifier
from models.settings import ImageModelSettings, ModelSettings

COUNTS = np.array([6, 3])
SHAPE = InputShape(image=(16, 8, 1), num_numeric=1)
IMAGES = np.random.default_rng(0).uniform(0, 255, (2, 16, 8, 1)).astype(np.float32)


def classifier(**values):
    settings = ModelSettings(image=ImageModelSettings(alpha=0.25), **values)
    return build_classifier(SHAPE, settings, COUNTS, seed=0)


@pytest.mark.parametrize("attention", ["squeeze_excitation", "self_attention"])
def test_the_map_is_that_of_the_attention_layer_on_the_feature_map(attention):
    model = classifier(attention=attention, pooling="attention")
    feature_map = model.get_layer("small_cnn")(IMAGES)
    expected = model.get_layer("attention").attention_map(feature_map)
    maps = np.asarray(attention_model(model)(IMAGES))
    assert maps.shape == feature_map.shape[:3]
    assert (maps >= 0).all()
    np.testing.assert_allclose(maps, expected, rtol=1e-5)


def test_the_map_of_several_branches_is_the_mean_of_what_they_pool():
    model = classifier(pooling="attention", branches="experts", num_experts=2)
    queries = [model.get_layer(f"pool_expert_{number}").query for number in range(2)]
    height, width = model.get_layer("feature_map").output.shape[1:3]
    np.testing.assert_allclose(
        attention_model(model)(IMAGES), np.full((2, height, width), 1 / (height * width))
    )
    queries[0].assign(np.random.default_rng(0).normal(0, 5, queries[0].shape))
    feature_map = model.get_layer("small_cnn")(IMAGES)  # The blocks start as the identity.
    first = np.asarray(model.get_layer("pool_expert_0").attention_map(feature_map))
    np.testing.assert_allclose(
        attention_model(model)(IMAGES), (first + 1 / (height * width)) / 2, rtol=1e-4, atol=1e-6
    )


def test_a_network_without_attention_is_refused_with_the_way_out():
    with pytest.raises(
        ValueError, match=r"Set `model.attention` or `model.pooling: attention`, or use grad_cam"
    ):
        attention_model(classifier())


def test_a_layer_without_a_map_is_refused():
    with pytest.raises(ValueError, match="must have a method `attention_map`"):
        AttentionMap(classifier().get_layer("pool"))
