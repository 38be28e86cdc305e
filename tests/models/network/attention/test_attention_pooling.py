import numpy as np

from models.network.attention.attention_pooling import AttentionPooling


def test_it_starts_as_the_mean():
    maps = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype(np.float32)
    np.testing.assert_allclose(AttentionPooling()(maps), maps.mean(axis=(1, 2)), atol=1e-6)


def test_positions_weigh_by_how_well_they_fit_the_query():
    layer = AttentionPooling()
    maps = np.array([[[[0.0], [np.log(3)]]]], np.float32)
    layer(maps)
    layer.query.assign([1.0])
    np.testing.assert_allclose(layer.attention_map(maps), [[[0.25, 0.75]]], rtol=1e-6)
    np.testing.assert_allclose(layer(maps), [[0.75 * np.log(3)]], rtol=1e-6)


def test_scores_shrink_with_the_root_of_the_channels():
    layer = AttentionPooling()
    maps = np.zeros((1, 2, 1, 4), np.float32)
    maps[0, 1, 0] = np.log(3) / 2  # query . x / sqrt(4) = log 3
    layer(maps)
    layer.query.assign(np.ones(4))
    np.testing.assert_allclose(layer.attention_map(maps)[0, :, 0], [0.25, 0.75], rtol=1e-6)
