import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from models.preprocessing.images import decode_image, decode_images

HEIGHT, WIDTH = 12, 10


def picture(mode: str = "RGB") -> Image.Image:
    """A gradient with a bright corner: smooth enough for JPEG, the same in no two directions."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    pixels = np.stack([20 * rows, 25 * columns, 10 * (rows + columns)], axis=-1).astype(np.uint8)
    pixels[:3, :3] = (250, 240, 10)
    return Image.fromarray(pixels).convert(mode)


def file_of(image: Image.Image, image_format: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def translucent() -> Image.Image:
    image = picture("RGBA")
    image.putalpha(Image.fromarray(np.full((HEIGHT, WIDTH), 77, np.uint8)))
    return image


def animated_gif() -> bytes:
    black = Image.new("RGB", (WIDTH, HEIGHT))
    return file_of(picture(), "GIF", save_all=True, append_images=[black, black])


FILES = {
    "PNG, grey": file_of(picture("L"), "PNG"),
    "PNG, two colours": file_of(picture("1"), "PNG"),
    "PNG": file_of(picture(), "PNG"),
    "PNG, translucent": file_of(translucent(), "PNG"),
    "PNG, palette": file_of(picture("P"), "PNG"),
    "JPEG, grey": file_of(picture("L"), "JPEG", quality=95),
    "JPEG": file_of(picture(), "JPEG", quality=95),
    "JPEG, progressive": file_of(picture(), "JPEG", quality=95, progressive=True),
    "JPEG, CMYK": file_of(picture("CMYK"), "JPEG", quality=95),
    "GIF": file_of(picture(), "GIF"),
    "GIF, animated": animated_gif(),
    "BMP": file_of(picture(), "BMP"),
    "BMP, grey": file_of(picture("L"), "BMP"),
}


def by_pillow(encoded: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"), np.float32)


@pytest.mark.parametrize("name", FILES)
def test_pixels_are_those_that_pillow_decodes(name):
    expected = by_pillow(FILES[name])
    assert expected.std() > 50
    pixels = decode_image(tf.constant(FILES[name]), (HEIGHT, WIDTH), 3).numpy()
    # TensorFlow takes the faster and coarser of libjpeg's transforms; what keeps every value is exact.
    lossy = name.startswith("JPEG")
    np.testing.assert_allclose(pixels, expected, atol=15 if lossy else 0)
    assert np.abs(pixels - expected).mean() <= (3 if lossy else 0)


@pytest.mark.parametrize("name", FILES)
def test_grey_is_the_brightness_of_the_colours(name):
    colours = decode_image(tf.constant(FILES[name]), (HEIGHT, WIDTH), 3).numpy()
    grey = decode_image(tf.constant(FILES[name]), (HEIGHT, WIDTH), 1).numpy()
    brightness = colours @ np.array([[0.299], [0.587], [0.114]], np.float32)
    np.testing.assert_allclose(grey, brightness, atol=0.6)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(8, 8), (24, 20), (9, 31)])
def test_every_format_gives_whole_numbers_in_the_size_wanted(name, size, channels):
    image = decode_image(tf.constant(FILES[name]), size, channels)
    assert image.shape == (*size, channels)
    assert image.dtype == tf.float32
    assert image.numpy().min() >= 0 and image.numpy().max() <= 255
    np.testing.assert_array_equal(image, np.round(image))


@pytest.mark.parametrize("channels", [1, 3])
def test_16_bits_are_decoded_as_their_highest_8(channels):
    deep = np.random.default_rng(0).integers(0, 65536, (HEIGHT, WIDTH), np.uint16)
    files = [file_of(Image.fromarray(one), "PNG") for one in (deep, (deep >> 8).astype(np.uint8))]
    assert Image.open(io.BytesIO(files[0])).mode.startswith("I")
    first, second = (decode_image(tf.constant(one), (HEIGHT, WIDTH), channels).numpy() for one in files)
    np.testing.assert_array_equal(first, second)
    assert first.max() > 240 and first.min() < 10


def test_shrinking_averages_instead_of_dropping_pixels():
    # One white pixel in the corner of every block that becomes a pixel.
    pixels = np.zeros((64, 64), np.uint8)
    pixels[::8, ::8] = 255
    image = decode_image(tf.constant(file_of(Image.fromarray(pixels), "PNG")), (8, 8), 1).numpy()
    assert image.mean() == pytest.approx(255 / 64, abs=1)


def test_height_comes_before_width():
    pixels = np.zeros((16, 8, 3), np.uint8)
    pixels[:8] = 200
    image = decode_image(tf.constant(file_of(Image.fromarray(pixels), "PNG")), (2, 4), 3).numpy()
    assert image.shape == (2, 4, 3)
    assert (image[0] > 150).all() and (image[1] < 50).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_no_image_is_black(channels):
    image = decode_image(tf.constant(b""), (5, 6), channels).numpy()
    np.testing.assert_array_equal(image, np.zeros((5, 6, channels), np.float32))


def test_something_that_is_no_image_is_refused():
    with pytest.raises(tf.errors.InvalidArgumentError):
        decode_image(tf.constant(b"no image"), (8, 8), 3)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_batch_holds_what_its_images_decode_to_one_by_one(channels):
    encoded = [b"", *FILES.values()]
    batch = decode_images(tf.constant(encoded), (9, 7), channels)
    assert batch.shape == (len(encoded), 9, 7, channels) and batch.dtype == tf.float32
    single = [decode_image(tf.constant(one), (9, 7), channels).numpy() for one in encoded]
    np.testing.assert_array_equal(batch, single)


def test_inside_a_graph_the_shape_is_known_and_the_pixels_are_the_same():
    function = tf.function(lambda encoded: decode_images(encoded, (9, 7), 3))
    concrete = function.get_concrete_function(tf.TensorSpec([None], tf.string))
    assert concrete.structured_outputs.shape.as_list() == [None, 9, 7, 3]
    encoded = tf.constant(list(FILES.values()))
    np.testing.assert_array_equal(function(encoded), decode_images(encoded, (9, 7), 3))


def test_an_empty_batch_decodes_to_an_empty_batch():
    assert decode_images(tf.constant([], tf.string), (9, 7), 3).shape == (0, 9, 7, 3)
