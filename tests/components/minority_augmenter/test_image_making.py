import io

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from components.minority_augmenter.image_making import (
    OPERATIONS,
    PRESETS,
    base_strength,
    make_image,
    operations_of,
)
from core.errors import InputError
from models.preprocessing.images import decode_image

SIZE = (37, 24)  # Width and height.
MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")


def picture(mode: str = "RGB", image_format: str = "PNG", seed: int = 0, **options) -> bytes:
    """An image of smooth random colours, none of them dark."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(60, 200, (5, 6, 3), dtype=np.uint8))
    image = coarse.resize(SIZE, Image.Resampling.BICUBIC)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    elif mode in ("LA", "RGBA"):
        image.putalpha(coarse.convert("L").resize(SIZE))
        image = image.convert(mode)
    else:
        image = image.convert(mode)
    written = io.BytesIO()
    image.save(written, image_format, **options)
    return written.getvalue()


def pixels_of(encoded: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(encoded))).astype(int)


def made(encoded: bytes, *operations: str, strength: float = 1.0, seed: int = 0) -> bytes:
    return make_image(encoded, operations, strength, np.random.default_rng(seed))


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=15)
@given(
    operations=st.sets(st.sampled_from(OPERATIONS), min_size=1).map(tuple),
    strength=st.floats(0.01, 1),
    seed=st.integers(0, 2**32),
)
def test_size_and_kind_of_pixels_stay_and_no_corner_is_black(mode, operations, strength, seed):
    encoded = picture(mode)
    before = Image.open(io.BytesIO(encoded))
    after = Image.open(io.BytesIO(made(encoded, *operations, strength=strength, seed=seed)))
    assert after.size == before.size
    assert after.mode == {"1": "L", "P": "RGB"}.get(mode, mode)
    assert after.format == "PNG"
    colours = np.asarray(after)[..., :-1] if mode in ("LA", "RGBA") else np.asarray(after)
    if mode not in ("1", "P", "I;16") and "colour" not in operations:
        # The darkest pixel is 60, and interpolation overshoots.
        assert colours.min() > 10


@settings(max_examples=30)
@given(
    operations=st.sets(st.sampled_from(OPERATIONS), min_size=1).map(tuple),
    strength=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_the_generator_decides_every_byte_and_the_order_of_operations_does_not(operations, strength, seed):
    encoded = picture()
    first = made(encoded, *operations, strength=strength, seed=seed)
    assert made(encoded, *operations, strength=strength, seed=seed) == first
    assert made(encoded, *reversed(operations), strength=strength, seed=seed) == first


@pytest.mark.parametrize("mode", MODES)
def test_strength_zero_and_no_operation_return_the_image_itself(mode):
    encoded = picture(mode)
    assert made(encoded, *OPERATIONS, strength=0) == encoded
    assert made(encoded) == encoded


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_changes_the_image_and_differs_with_the_generator(operation):
    encoded = picture()
    results = {made(encoded, operation, seed=seed) for seed in range(20)}
    # A radius that differs little gives the same whole numbers.
    assert len(results) == 2 if operation.startswith("flip") else len(results) > 10
    assert any((pixels_of(result) != pixels_of(encoded)).any() for result in results)


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if not name.startswith("flip")])
def test_a_greater_strength_changes_more(operation):
    encoded = picture()

    def change(strength: float) -> float:
        changes = [
            np.abs(pixels_of(made(encoded, operation, strength=strength, seed=seed)) - pixels_of(encoded))
            for seed in range(20)
        ]
        return float(np.mean(changes))

    assert change(0.25) < change(0.5) < change(1.0)


@pytest.mark.parametrize(("operation", "axis"), [("flip_horizontal", 1), ("flip_vertical", 0)])
@pytest.mark.parametrize("mode", ["L", "RGBA", "I;16"])
def test_a_flip_is_exact_and_happens_to_half_of_the_images(operation, axis, mode):
    encoded = picture(mode)
    flipped = 0
    for seed in range(200):
        result = pixels_of(made(encoded, operation, strength=0.1, seed=seed))
        is_flipped = (result != pixels_of(encoded)).any()
        flipped += is_flipped
        expected = np.flip(pixels_of(encoded), axis) if is_flipped else pixels_of(encoded)
        np.testing.assert_array_equal(result, expected)
    assert 75 <= flipped <= 125


def test_zoom_out_shows_the_mirror_image_beyond_the_borders():
    ramp = np.tile(np.linspace(50, 200, 40, dtype=np.uint8), (40, 1))
    written = io.BytesIO()
    Image.fromarray(ramp).save(written, "PNG")
    rows = [pixels_of(made(written.getvalue(), "zoom", seed=seed))[20] for seed in range(20)]
    wide = max(rows, key=lambda row: int(row[1:].argmin()))
    turn = int(wide.argmin())
    assert 2 <= turn <= 6
    # Falls towards the old border, rises again inside.
    assert (np.diff(wide[: turn + 1]) <= 0).all()
    assert (np.diff(wide[turn + 1 : -8]) >= 0).all()


def test_colour_of_grey_stays_grey_and_a_plain_image_stays_plain():
    written = io.BytesIO()
    Image.new("RGB", SIZE, (90, 90, 90)).save(written, "PNG")
    for seed in range(10):
        result = pixels_of(made(written.getvalue(), "colour", seed=seed))
        assert len(np.unique(result)) == 1
        assert 54 <= result[0, 0, 0] <= 126


def test_cutout_paints_one_box_in_the_mean_colour():
    encoded = picture()
    before = pixels_of(encoded)
    after = pixels_of(made(encoded, "cutout"))
    rows, columns = np.nonzero((after != before).any(axis=-1))
    box = after[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert (box == np.rint(before.mean(axis=(0, 1)))).all()
    assert box.shape[0] <= round(0.4 * SIZE[1]) and box.shape[1] <= round(0.4 * SIZE[0])


@pytest.mark.parametrize(
    ("image_format", "mode"), [("JPEG", "RGB"), ("JPEG", "L"), ("BMP", "RGB"), ("GIF", "L")]
)
def test_a_jpeg_gives_a_jpeg_and_all_else_a_png(image_format, mode):
    result = Image.open(io.BytesIO(made(picture(mode, image_format), "rotate")))
    assert result.format == ("JPEG" if image_format == "JPEG" else "PNG")
    if image_format == "JPEG":
        assert result.mode == mode
        same_quality = io.BytesIO()
        Image.new("RGB", (8, 8)).save(same_quality, "JPEG", quality=95)
        assert result.quantization[0] == Image.open(same_quality).quantization[0]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_is_turned_upright_and_loses_its_note(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = picture("RGB", "JPEG", quality=95, subsampling=0, exif=exif)
    size = SIZE if orientation >= 5 else SIZE[::-1]
    expected = decode_image(tf.constant(stored), size, 3).numpy()
    # A strength this small moves no pixel.
    result = Image.open(io.BytesIO(made(stored, "rotate", strength=1e-9)))
    assert 0x0112 not in result.getexif()
    # The two decoders and a second compression differ by little; a turned image by some 30.
    assert np.abs(np.asarray(result).astype(float) - expected).mean() < 4


def test_colours_under_full_transparency_are_kept():
    pixels = np.full((20, 20, 4), 120, np.uint8)
    pixels[..., 3] = 0
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    result = pixels_of(made(written.getvalue(), "rotate", "zoom", "shear"))
    assert (result[..., :3] == 120).all() and (result[..., 3] == 0).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 300)])
def test_tiny_and_narrow_images_are_handled(size):
    written = io.BytesIO()
    Image.new("RGB", size, (10, 20, 30)).save(written, "PNG")
    for seed in range(5):
        assert Image.open(io.BytesIO(made(written.getvalue(), *OPERATIONS, seed=seed))).size == size


def test_a_preset_names_operations_unless_they_are_named():
    for preset, made_of in PRESETS.items():
        assert operations_of(preset, None) == made_of.operations
        assert set(made_of.operations) <= set(OPERATIONS)
        assert 0 < base_strength(preset) <= 1
        assert operations_of(preset, ("blur",)) == ("blur",)
    assert base_strength("light") < base_strength("medium") < base_strength("strong")
    assert "colour" not in operations_of("medical", None)
    assert not any(name.startswith("flip") for name in operations_of("text", None))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: operations_of("medum", None), "Unknown preset 'medum'. Did you mean 'medium'?"),
        (lambda: base_strength("textt"), "Did you mean 'text'?"),
        (lambda: operations_of("light", ("rotat",)), "Unknown operation 'rotat'. Did you mean 'rotate'?"),
        (lambda: made(picture(), "color"), "Did you mean 'colour'?"),
        (lambda: made(picture(), "blur", strength=-1), "strength=-1"),
        (lambda: made(picture(), "blur", strength=float("nan")), "strength=nan"),
    ],
)
def test_what_is_not_known_is_refused_with_the_nearest_name(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert message in str(caught.value)


@pytest.mark.parametrize("encoded", [b"", b"no image", picture()[:60]])
def test_an_image_that_cannot_be_read_is_reported(encoded):
    with pytest.raises(InputError, match=f"An image of {len(encoded)} bytes"):
        made(encoded, "rotate")
