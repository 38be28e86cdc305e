"""An image is known by its first bytes."""

import io

import pytest
from PIL import Image, features

from components.stratified_example_gen.images.decoding import FORMATS
from components.stratified_example_gen.images.kinds import (
    HEAD_BYTES,
    is_image,
    kind_of_file,
    other_kind,
    readable_kind,
)


def head_of(kind):
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(buffer, kind)
    return buffer.getvalue()[:HEAD_BYTES]


@pytest.mark.parametrize("kind", FORMATS)
def test_formats_that_are_read_are_known(kind, tmp_path):
    assert readable_kind(head_of(kind)) == kind and other_kind(head_of(kind)) is None
    (tmp_path / "x").write_bytes(head_of(kind))
    assert kind_of_file(str(tmp_path / "x")) == kind


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("WEBP", "WebP"),
        ("TIFF", "TIFF"),
        ("JPEG2000", "JPEG 2000"),
        ("AVIF", "AVIF"),
        ("ICO", "icon"),
        ("PPM", "portable pixmap"),
    ],
)
def test_formats_that_are_not_read_are_named(kind, name):
    module = {"WEBP": "webp", "AVIF": "avif", "JPEG2000": "jpg_2000"}.get(kind)
    if module is not None and not features.check(module):
        pytest.skip(f"Pillow comes without {kind}")
    assert readable_kind(head_of(kind)) is None and other_kind(head_of(kind)) == name


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "HEIC"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\0" * 128 + b"DICM\x02", "DICOM"),
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg width="1">', "SVG"),
        (b"\xef\xbb\xbf <SVG>", "SVG"),
    ],
)
def test_formats_that_are_not_written_here_are_named_too(head, name):
    assert other_kind(head) == name


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"BMW,Audi\n1,2\n" * 9,
        b"P1 is the first patient",
        b"<html><body><svg/></body></html>",
        b"<?xml version='1.0'?><annotation><object/></annotation>",
        b"\0" * 512,
        b"RIFF\0\0\0\0WAVEfmt ",
        b"\x89PNG",
        b"<!--" * 200,
    ],
)
def test_text_sounds_and_zeros_are_no_images(head):
    assert not is_image(head)
