"""What is wrong with an image is found before TensorFlow meets it."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageFile

from components.stratified_example_gen.images import EXTENSIONS, FORMATS, image_defect

MAX_PIXELS = 10_000


def png_that_declares(width, height):
    """Builds a PNG whose header declares more pixels than its few bytes hold."""

    def block(name, content):
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    blocks = block(b"IHDR", head) + block(b"IDAT", zlib.compress(b"\0" * 100)) + block(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + blocks


@pytest.fixture
def decoded(monkeypatch):
    """Lists the images that Pillow was asked to decode."""
    sizes, load = [], ImageFile.ImageFile.load

    def noted(self):
        sizes.append(self.size)
        return load(self)

    monkeypatch.setattr(ImageFile.ImageFile, "load", noted)
    return sizes


@pytest.mark.parametrize("kind", FORMATS)
def test_image_of_every_format_is_good(image_of, decoded, kind):
    assert image_defect(image_of(0, kind), MAX_PIXELS) is None
    assert decoded


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "LA", "I;16"])
def test_png_of_every_mode_is_good(mode):
    buffer = io.BytesIO()
    Image.new(mode, (9, 7)).save(buffer, "PNG")
    assert image_defect(buffer.getvalue(), MAX_PIXELS) is None


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.9, 0.5])
def test_image_cut_short_is_refused(image_of, kind, share):
    encoded = image_of(0, kind, size=(40, 50))
    defect = image_defect(encoded[: int(len(encoded) * share)], MAX_PIXELS)
    assert defect is not None and "cut short" in defect


def test_image_cut_within_its_header_is_refused(image_of):
    for kind in FORMATS:
        assert image_defect(image_of(0, kind)[:12], MAX_PIXELS) is not None


@pytest.mark.parametrize("missing", [1, 4, 8, 12])
def test_png_without_its_last_bytes_is_refused(image_of, missing):
    assert "the end of the file is missing" in image_defect(image_of(0)[:-missing], MAX_PIXELS)


def test_a_few_bytes_behind_the_end_are_forgiven(image_of):
    for kind in FORMATS:
        assert image_defect(image_of(0, kind) + b"\n\n", MAX_PIXELS) is None


def test_png_with_garbled_content_is_refused(image_of):
    encoded = bytearray(image_of(0, size=(40, 50)))
    encoded[200:260] = b"\x55" * 60
    assert image_defect(bytes(encoded), MAX_PIXELS).startswith("is damaged")


@pytest.mark.parametrize(
    "content",
    [
        b"a text file named .png\n" * 20,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x00" * 300,
        b"\x89PNG",
    ],
)
def test_what_is_no_image_is_refused(content):
    assert image_defect(content, MAX_PIXELS) == "is not a JPEG, PNG, GIF or BMP image"


def test_image_of_a_format_tensorflow_does_not_read_is_refused(image_of):
    for kind in ("TIFF", "WEBP"):
        assert "is not a JPEG" in image_defect(image_of(0, kind), MAX_PIXELS)


def test_empty_file_is_refused():
    assert image_defect(b"", MAX_PIXELS) == "is empty"


@pytest.mark.parametrize("side", [50_000, 2_000])
def test_image_that_declares_too_many_pixels_is_refused_undecoded(decoded, side):
    # 50,000 x 50,000 pixels are beyond Pillow's own limit too; the message is ours all the same.
    limit = Image.MAX_IMAGE_PIXELS
    defect = image_defect(png_that_declares(side, side), 1_000_000)
    assert defect.startswith(f"declares {side} x {side} pixels, more than data.max_image_pixels = 1000000")
    assert decoded == []
    assert limit == Image.MAX_IMAGE_PIXELS


def test_limit_itself_is_allowed(image_of):
    assert image_defect(image_of(0, size=(10, 10)), 100) is None
    assert "declares 10 x 11 pixels" in image_defect(image_of(0, size=(11, 10)), 100)


def test_limit_can_be_raised_beyond_pillows(monkeypatch, image_of):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert image_defect(image_of(0, size=(10, 10)), 100) is None


def test_endings_are_those_of_the_formats():
    assert {Image.registered_extensions()[ending] for ending in EXTENSIONS} == set(FORMATS)
