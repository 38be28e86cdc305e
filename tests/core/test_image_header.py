"""Sizes read from headers against those of images that Pillow has written."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.image_header import bmp_bits, declared_pixels, is_image, png_bits

MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM")


def written(image_format: str, **options) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (7, 13, 3), np.uint8)
    Image.fromarray(pixels).save(buffer, image_format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("image_format", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("GIF", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("JPEG", {"comment": b"\xff\xc0 no frame \xff\xda", "exif": b"Exif\0\0" + bytes(60_000)}),
    ],
)
def test_pixels_are_those_of_the_image(image_format, options):
    encoded = written(image_format, **options)
    assert is_image(encoded)
    assert declared_pixels(encoded) == 7 * 13


def test_every_frame_of_a_gif_counts():
    frames = [Image.fromarray(np.full((5, 6), 40 * i, np.uint8)) for i in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], disposal=2)
    assert declared_pixels(buffer.getvalue()) == 3 * 5 * 6


def test_a_gif_frame_larger_than_the_screen_is_seen():
    screen = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0, 0, 0)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 60_000, 60_000, 0) + b"\x02\x01\x00\x00"
    assert declared_pixels(screen + frame) == 60_000**2


def test_a_bmp_from_top_to_bottom_has_pixels_too():
    encoded = bytearray(written("BMP"))
    struct.pack_into("<i", encoded, 22, -7)
    assert declared_pixels(bytes(encoded)) == 7 * 13


def test_other_bytes_are_no_image():
    assert not is_image(b"\x0a\x03abc") and not is_image(b"")


@given(st.sampled_from(MAGIC), st.binary(max_size=200))
def test_any_bytes_behind_the_magic_give_a_number(magic, rest):
    assert declared_pixels(magic + rest) >= 0


@pytest.mark.parametrize("image_format", ["PNG", "BMP", "GIF", "JPEG"])
def test_an_image_cut_anywhere_gives_a_number(image_format):
    encoded = written(image_format)
    assert all(declared_pixels(encoded[:length]) >= 0 for length in range(len(encoded)))


@pytest.mark.parametrize(("mode", "bits"), [("1", 1), ("L", 8), ("RGB", 8), ("I;16", 16)])
def test_bits_of_a_png_are_those_of_a_level(mode, bits):
    buffer = io.BytesIO()
    Image.new(mode, (3, 2)).save(buffer, "PNG")
    assert png_bits(buffer.getvalue()) == bits
    assert png_bits(buffer.getvalue()[:24]) == 0


@pytest.mark.parametrize(("mode", "bits"), [("1", 1), ("L", 8), ("RGB", 24), ("RGBA", 32)])
def test_bits_of_a_bmp_are_those_of_a_pixel(mode, bits):
    buffer = io.BytesIO()
    Image.new(mode, (3, 2)).save(buffer, "BMP")
    assert bmp_bits(buffer.getvalue()) == bits


def test_a_bmp_with_the_short_header_of_os_2_tells_no_bits():
    assert bmp_bits(b"BM" + bytes(12) + struct.pack("<IHHHH", 12, 3, 2, 1, 24)) == 0
