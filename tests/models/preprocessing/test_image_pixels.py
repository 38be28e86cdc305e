"""Pixels counted within a graph, against images that Pillow has written and against the count outside of one."""

import io
import struct

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core import image_header
from models.preprocessing.image_pixels import declared_pixels, within_limit
from tests.models.png_declaring import png_declaring

HEIGHT, WIDTH = 7, 13


def written(image_format: str, **options) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    Image.fromarray(pixels).save(buffer, image_format, **options)
    return buffer.getvalue()


def animation() -> bytes:
    frames = [Image.fromarray(np.full((5, 6), 40 * i, np.uint8)) for i in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], disposal=2)
    return buffer.getvalue()


def gif(*blocks: bytes) -> bytes:
    """A GIF of a screen of one pixel."""
    return b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0, 0, 0) + b"".join(blocks) + b";"


def gif_frame(side: int) -> bytes:
    return b"\x2c" + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02\x02\x4c\x01\x00"


def jpeg_declaring(side: int) -> bytes:
    encoded = written("JPEG")
    start = encoded.index(b"\xff\xc0")
    return encoded[: start + 5] + struct.pack(">HH", side, side) + encoded[start + 9 :]


def bmp_declaring(width: int, height: int) -> bytes:
    encoded = bytearray(written("BMP"))
    struct.pack_into("<ii", encoded, 18, width, height)
    return bytes(encoded)


def counted(encoded: bytes) -> int:
    return int(declared_pixels(tf.constant(encoded)))


@tf.function(input_signature=[tf.TensorSpec([], tf.string), tf.TensorSpec([], tf.int64)])
def limited(encoded: tf.Tensor, max_pixels: tf.Tensor) -> tf.Tensor:
    return within_limit(encoded, max_pixels)


SMALL = {
    "png": written("PNG"),
    "jpeg": written("JPEG"),
    "progressive jpeg": written("JPEG", progressive=True),
    "jpeg with a thumbnail's head in its Exif note": written("JPEG", exif=b"Exif\0\0" + written("JPEG")),
    "gif": written("GIF"),
    "bmp": written("BMP"),
    "bmp from top to bottom": bmp_declaring(WIDTH, -HEIGHT),
}
LARGE = {
    "png": png_declaring(22_000),
    "png beyond what an int64 holds squared": png_declaring(2**32 - 1),
    "jpeg": jpeg_declaring(22_000),
    "gif": gif(gif_frame(22_000)),
    "gif whose second frame is the large one": gif(gif_frame(1), gif_frame(22_000)),
    "gif behind a comment": gif(b"\x21\xfe\x03abc\x00", gif_frame(22_000)),
    "gif of many frames": gif(*[gif_frame(1000)] * 101),
    "bmp": bmp_declaring(22_000, 22_000),
    "bmp from top to bottom": bmp_declaring(22_000, -22_000),
}


@pytest.mark.parametrize("name", SMALL)
def test_pixels_are_those_of_the_image(name):
    assert counted(SMALL[name]) == image_header.declared_pixels(SMALL[name]) == HEIGHT * WIDTH


@pytest.mark.parametrize("name", LARGE)
def test_what_a_header_declares_is_counted_however_little_stands_behind_it(name):
    assert counted(LARGE[name]) >= 101 * 1000**2
    assert image_header.declared_pixels(LARGE[name]) >= 101 * 1000**2


def test_every_frame_of_a_gif_counts():
    assert counted(animation()) == 3 * 5 * 6


def test_a_gif_of_more_blocks_than_are_looked_at_is_more_than_any_limit():
    encoded = gif(b"\x21\xfe" + b"\x01x" * 50_001 + b"\x00", gif_frame(1))
    assert counted(encoded) == image_header.declared_pixels(encoded) == image_header.UNMEASURED


@settings(max_examples=100)
@given(st.data())
def test_bytes_changed_in_a_gif_are_counted_as_outside_of_the_graph(data):
    encoded = bytearray(
        data.draw(st.sampled_from([animation(), SMALL["gif"], LARGE["gif behind a comment"]]))
    )
    for place in data.draw(st.lists(st.integers(6, len(encoded) - 1), max_size=4)):
        encoded[place] = data.draw(st.integers(0, 255))
    encoded = encoded[: data.draw(st.integers(13, len(encoded)))]
    assert counted(bytes(encoded)) == image_header.declared_pixels(bytes(encoded))


@pytest.mark.parametrize("name", LARGE)
def test_an_image_over_the_limit_is_refused_before_it_is_decoded(name):
    with pytest.raises(tf.errors.InvalidArgumentError, match="declares more than"):
        limited(LARGE[name], 101 * 1000**2 - 1)


@pytest.mark.parametrize("encoded", [b"", *SMALL.values()])
def test_an_image_within_the_limit_and_a_missing_one_pass_unchanged(encoded):
    assert limited(encoded, HEIGHT * WIDTH).numpy() == encoded


@pytest.mark.parametrize("encoded", [b"no image", b"B", b"RIFF\x1a\x00\x00\x00WEBPVP8L", b"\xff\xd8"])
def test_what_is_of_no_known_format_is_refused(encoded):
    with pytest.raises(tf.errors.InvalidArgumentError, match="Unknown image file format"):
        limited(encoded, 10**6)
