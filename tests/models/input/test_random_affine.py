import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from models.input.random_affine import SHEAR, TURN, ZOOM, projections, turn_zoom

COUNTS = (100, 10, 1)
SEED = tf.constant([3, 4], tf.int64)
HEIGHT, WIDTH = 18, 26


def smooth_images(size: int = 4) -> np.ndarray:
    noise = np.random.default_rng(0).random((size, HEIGHT, WIDTH, 3))
    return ndimage.gaussian_filter(noise, (0, 2, 2, 0)).astype(np.float32) * 255


def angle_factor_shear(label: int, strength: float | None = None) -> np.ndarray:
    """What a thousand images of a class are changed by, read from where the corners of a ramp went."""
    size, side = 1000, 41
    rows, columns = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    ramps = np.stack([columns, rows], axis=-1).astype(np.float32)
    images = tf.constant(np.broadcast_to(ramps, (size, side, side, 2)))
    labels = tf.fill([size], tf.constant(label, tf.int64))
    moved = turn_zoom(images, labels, COUNTS, SEED, strength).numpy()
    middle = side // 2
    across = moved[:, middle, middle + 5] - moved[:, middle, middle - 5]  # 10 times (a0, b0)
    down = moved[:, middle + 5, middle] - moved[:, middle - 5, middle]  # 10 times (a1, b1)
    length = np.hypot(*across.T)
    angle = np.arctan2(across[:, 1], across[:, 0])
    shear = (down * across).sum(axis=1) / length**2
    return np.stack([angle, np.log(10 / length), shear])


def test_a_quarter_turn_moves_pixels_counterclockwise():
    image = np.zeros((1, 5, 5, 1), np.float32)
    image[0, 0, 1, 0] = 1  # In the top row, left of the middle: it goes to the left column, below the middle.
    transform = projections(*(tf.constant([value]) for value in (np.pi / 2, 1.0, 0.0)), 5.0, 5.0)
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=image,
        transforms=transform,
        output_shape=(5, 5),
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="REFLECT",
    ).numpy()
    assert moved[0, 3, 0, 0] == pytest.approx(1, abs=1e-5)
    assert moved.sum() == pytest.approx(1, abs=1e-4)


def test_images_are_those_of_scipys_affine_transform():
    angle, factor, shear = 0.4, 1.3, -0.15
    images = smooth_images(1)
    transform = projections(
        *(tf.constant([value], tf.float32) for value in (angle, factor, shear)), float(HEIGHT), float(WIDTH)
    )
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=transform,
        output_shape=(HEIGHT, WIDTH),
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="REFLECT",
    ).numpy()[0, ..., 0]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix_xy = turn @ np.array([[1, shear], [0, 1]]) / factor
    matrix = matrix_xy[::-1, ::-1]  # SciPy's axes are row, column.
    centre = (np.array([HEIGHT, WIDTH]) - 1) / 2
    expected = ndimage.affine_transform(
        images[0, ..., 0], matrix, centre - matrix @ centre, order=1, mode="reflect"
    )
    np.testing.assert_allclose(moved, expected, atol=0.01)


@pytest.mark.parametrize(
    ("label", "strength", "reach"), [(0, None, 0.5), (1, None, 0.75), (2, None, 1), (0, 0.2, 0.2)]
)
def test_rarer_classes_are_changed_further_and_a_number_is_for_all(label, strength, reach):
    furthest = np.array([TURN, np.log(ZOOM), SHEAR]) * reach
    drawn = angle_factor_shear(label, strength)
    np.testing.assert_array_less(np.abs(drawn).max(axis=1), furthest * 1.001 + 1e-4)
    # Uniform: a thousand draws come near both ends, and to nothing on average.
    np.testing.assert_allclose(np.abs(drawn).max(axis=1), furthest, rtol=0.02)
    np.testing.assert_allclose(drawn.mean(axis=1) / furthest, 0, atol=0.06)
    np.testing.assert_allclose(drawn.std(axis=1) / furthest, 1 / np.sqrt(3), rtol=0.06)


@pytest.mark.parametrize("dtype", [tf.uint8, tf.float32])
def test_shape_and_dtype_stay_and_the_seed_decides(dtype):
    images = tf.cast(smooth_images(), dtype)
    labels = tf.constant([0, 1, 2, 0], tf.int64)
    first, again, other = (
        turn_zoom(images, labels, COUNTS, tf.constant([seed, 0], tf.int64)) for seed in (1, 1, 2)
    )
    assert first.shape == images.shape and first.dtype == dtype
    np.testing.assert_array_equal(first, again)
    assert (first.numpy() != other.numpy()).any()
