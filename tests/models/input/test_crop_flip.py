import numpy as np
import pytest
import tensorflow as tf

from models.input.crop_flip import crop_flip, rarity
from models.input.mixing import Mixing

COUNTS = (100, 10, 1)
BATCH, HEIGHT, WIDTH = 300, 16, 24
SEED = tf.constant([3, 4], tf.int64)


def rows_and_columns(mixing: Mixing, label: int, seed: tf.Tensor = SEED) -> tuple[np.ndarray, np.ndarray]:
    """Which rows and columns of the old image make the new one: `(batch, height)` and `(batch, width)`."""
    grid = np.stack(np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), indexing="ij"), axis=-1).astype(np.uint8)
    images = tf.constant(np.tile(grid, (BATCH, 1, 1, 1)))
    moved = crop_flip(images, tf.fill([BATCH], tf.constant(label, tf.int64)), mixing, COUNTS, seed).numpy()
    assert moved.shape == images.shape and moved.dtype == np.uint8
    assert (moved[..., 0] == moved[:, :, :1, 0]).all() and (moved[..., 1] == moved[:, :1, :, 1]).all()
    return moved[:, :, 0, 0].astype(int), moved[:, 0, :, 1].astype(int)


def test_rarity_is_logarithmic():
    np.testing.assert_allclose(rarity(COUNTS), [0, 0.5, 1])
    np.testing.assert_array_equal(rarity((7, 7)), [0, 0])


@pytest.mark.parametrize(("label", "rows", "columns"), [(0, 2, 3), (2, 4, 6)])
def test_shifts_reach_an_eighth_of_the_side_and_a_quarter_for_the_rarest(label, rows, columns):
    for places, reach in zip(rows_and_columns(Mixing(crop=True), label), (rows, columns), strict=True):
        side = places.shape[1]
        shifts = places[:, side // 2] - side // 2
        assert set(shifts) == set(range(-reach, reach + 1))
        # All shifts are alike: each is expected 300 / (2 reach + 1) times.
        assert np.bincount(shifts + reach).max() < 2 * BATCH / (2 * reach + 1)
        for place, shift in zip(places, shifts, strict=True):
            padded = np.pad(np.arange(side), reach, mode="reflect")
            np.testing.assert_array_equal(place, padded[reach + shift : reach + shift + side])


def test_half_of_the_images_are_mirrored_left_and_right_and_none_upside_down():
    rows, columns = rows_and_columns(Mixing(flip=True), 0)
    assert (rows == np.arange(HEIGHT)).all()
    mirrored = (columns == np.arange(WIDTH)[::-1]).all(axis=1)
    assert ((columns == np.arange(WIDTH)).all(axis=1) | mirrored).all()
    assert 110 < mirrored.sum() < 190


def test_the_seed_decides():
    first, again, other = (
        rows_and_columns(Mixing(crop=True, flip=True), 1, tf.constant([seed, 0], tf.int64))
        for seed in (1, 1, 2)
    )
    assert (first[0] == again[0]).all() and (first[1] == again[1]).all()
    assert (first[0] != other[0]).any()
