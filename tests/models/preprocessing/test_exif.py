"""Orientation notes, against Pillow."""

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

from models.preprocessing.exif import exif_orientation, upright

TAG = 0x0112


def photo(orientation=None, kind="JPEG", endian=None):
    pixels = np.zeros((24, 16, 3), np.uint8)
    pixels[:8, :8] = 250
    exif = Image.Exif()
    if endian:
        exif.endian = endian
    if orientation is not None:
        exif[0x010F] = "maker"
        exif[TAG] = orientation
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **({"exif": exif} if orientation is not None else {}))
    return buffer.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("endian", ["<", ">"])
def test_image_is_turned_as_pillow_turns_it(orientation, endian):
    encoded = photo(orientation, endian=endian)
    note = tf.function(exif_orientation)(tf.constant(encoded))
    assert note == orientation
    turned = upright(tf.io.decode_jpeg(encoded), note)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(encoded)))
    np.testing.assert_allclose(turned.numpy().astype(int), np.asarray(expected).astype(int), atol=12)


@pytest.mark.parametrize("encoded", [photo(), photo(kind="PNG"), b"", b"\xff", b"\xff\xd8Exif\x00\x00"])
def test_image_without_a_note_is_upright(encoded):
    assert exif_orientation(tf.constant(encoded)) == 1


def test_note_cut_short_or_out_of_range_is_none():
    encoded = photo(6)
    start = encoded.index(b"Exif\x00\x00")
    for end in range(start, start + 60, 3):
        assert exif_orientation(tf.constant(encoded[:end])) in (1, 6)
    assert exif_orientation(tf.constant(photo(9))) == 1


def test_note_whose_directory_lies_outside_is_none():
    encoded = bytearray(photo(6))
    start = encoded.index(b"Exif\x00\x00") + 6
    encoded[start + 4 : start + 8] = b"\xff\xff\xff\x7f"
    assert exif_orientation(tf.constant(bytes(encoded))) == 1
