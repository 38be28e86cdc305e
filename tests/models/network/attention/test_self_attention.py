import numpy as np
import pytest

from models.network.attention.self_attention import SelfAttention2D

MAPS = np.random.default_rng(0).normal(size=(2, 3, 2, 8)).astype(np.float32)


def test_without_gain_the_map_passes_unchanged():
    layer = SelfAttention2D()
    layer(MAPS)
    layer.gain.assign(np.zeros(8))
    np.testing.assert_array_equal(layer(MAPS), MAPS)


def test_what_is_found_reaches_every_position_times_the_gain():
    layer = SelfAttention2D()
    once = np.asarray(layer(MAPS)) - MAPS
    layer.gain.assign(np.full(8, 0.3))
    np.testing.assert_allclose(np.asarray(layer(MAPS)) - MAPS, 3 * once, atol=1e-5)
    changed = MAPS.copy()
    changed[:, 0, 0, 0] += 5
    assert (np.abs(np.asarray(layer(changed)) - layer(MAPS)).max(axis=-1) > 1e-6).all()


def test_equal_features_at_two_places_are_told_apart():
    layer = SelfAttention2D()
    layer(MAPS)
    same = np.ones((1, 3, 2, 8), np.float32) * np.arange(8, dtype=np.float32)
    looked_at = np.asarray(layer.attention_map(same)).ravel()
    assert len(np.unique(looked_at)) == 6
    np.testing.assert_allclose(looked_at.sum(), 1, rtol=1e-6)


def test_where_places_and_features_are_the_same_all_are_looked_at_alike():
    layer = SelfAttention2D()
    layer(MAPS)
    layer.rows.assign(np.zeros((3, 8)))
    layer.columns.assign(np.zeros((2, 8)))
    np.testing.assert_allclose(
        layer.attention_map(np.ones((1, 3, 2, 8), np.float32)), np.full((1, 3, 2), 1 / 6), rtol=1e-6
    )


def test_a_map_of_one_position_looks_at_itself():
    layer = SelfAttention2D()
    single = MAPS[:, :1, :1]
    assert np.isfinite(layer(single)).all()
    # On some processors TensorFlow's softmax over one number is the float32 next to 1.
    found = np.asarray(layer.attention_map(single), np.float32)
    np.testing.assert_array_max_ulp(found, np.ones((2, 1, 1), np.float32), maxulp=1)


def test_a_map_without_fixed_size_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match="Give the network images of one size"):
        SelfAttention2D().build((None, None, 3, 8))


def test_no_heads_are_refused():
    with pytest.raises(ValueError, match="Received: num_heads=0"):
        SelfAttention2D(num_heads=0)
