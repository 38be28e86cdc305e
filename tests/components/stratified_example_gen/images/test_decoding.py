"""What is wrong with an image is found before TensorFlow meets it."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile

from components.stratified_example_gen.images.decoding import EXTENSIONS, FORMATS, image_defect

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
        b"\x00" * 300,
        b"\x89PNG",
    ],
)
def test_what_is_no_image_is_refused(content):
    assert image_defect(content, MAX_PIXELS) == "is not a JPEG, PNG, GIF or BMP image"


def test_image_of_a_format_tensorflow_does_not_read_is_refused(image_of):
    files = {"TIFF": image_of(0, "TIFF"), "WebP": image_of(0, "WEBP"), "SVG": b"<svg xmlns='x'/>"}
    for kind, encoded in files.items():
        why = f"is not a JPEG, PNG, GIF or BMP image but {kind}: convert it to PNG or JPEG"
        assert image_defect(encoded, MAX_PIXELS) == why


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


def test_a_gif_whose_frames_are_too_many_pixels_together_is_refused_undecoded(decoded):
    buffer = io.BytesIO()
    frames = [Image.fromarray(np.full((50, 50), shade, np.uint8)) for shade in (0, 100, 200)]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], disposal=2)
    assert image_defect(buffer.getvalue(), 3 * 50 * 50) is None
    decoded.clear()
    assert "is a GIF whose frames have more pixels" in image_defect(buffer.getvalue(), 3 * 50 * 50 - 1)
    assert decoded == []


def test_limit_itself_is_allowed(image_of):
    assert image_defect(image_of(0, size=(10, 10)), 100) is None
    assert "declares 10 x 11 pixels" in image_defect(image_of(0, size=(11, 10)), 100)


def test_limit_can_be_raised_beyond_pillows(monkeypatch, image_of):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert image_defect(image_of(0, size=(10, 10)), 100) is None


# === Odd kinds that TensorFlow decodes, or that are refused ===


def bmp(bits, header=40, palette=(), masks=(), height=4):
    """Builds a BMP of 4 x 4 pixels by hand: Pillow writes but a few kinds."""
    # Where OS/2 has pixels others say how many bits a pixel has; these bytes say 24.
    pixels = bytes([24, 0] * 32)[: 4 * ((4 * bits + 31) // 32 * 4)]
    table = b"".join(struct.pack("BBBB", *colour, 0) for colour in palette)
    table = b"".join(struct.pack("<I", mask) for mask in masks) + table
    start = 14 + header + len(table)
    if header == 12:
        head = struct.pack("<IHHHH", 12, 4, 4, 1, bits)
    else:
        compression = 3 if masks else 0
        fields = (header, 4, height, 1, bits, compression, len(pixels), 2835, 2835, len(palette), 0)
        head = struct.pack("<IiiHHIIiiII", *fields).ljust(header, b"\0")
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + head + table + pixels


def saved(mode, kind, **options):
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


GREY = [(level,) * 3 for level in range(256)]
DECODED = {
    "BMP, 24 bits": bmp(24),
    "BMP, 32 bits": bmp(32),
    "BMP, 32 bits with masks": bmp(32, masks=(0xFF0000, 0xFF00, 0xFF)),
    "BMP, 8 bits of grey": bmp(8, palette=GREY),
    "BMP, top row first": bmp(24, height=-4),
    "BMP, version 4": bmp(24, header=108),
    "BMP, version 5": bmp(24, header=124),
    "JPEG, CMYK": saved("CMYK", "JPEG"),
    "JPEG, grey": saved("L", "JPEG"),
    "JPEG, progressive": saved("RGB", "JPEG", progressive=True),
    "JPEG, several pictures": saved("RGB", "MPO", save_all=True, append_images=[Image.new("RGB", (8, 8))]),
    "PNG, grey and transparent": saved("LA", "PNG"),
    "PNG, animated": saved("RGB", "PNG", save_all=True, append_images=[Image.new("RGB", (8, 8))]),
    "PNG, 1 bit": saved("1", "PNG"),
    "GIF, animated": saved("P", "GIF", save_all=True, append_images=[Image.new("P", (8, 8), 3)]),
    "GIF, transparent": saved("P", "GIF", transparency=0),
}
REFUSED = {
    "BMP, 16 bits": bmp(16),
    "BMP, 16 bits with masks": bmp(16, masks=(0xF800, 0x7E0, 0x1F)),
    "BMP, palette of 8 bits": bmp(8, palette=GREY[::-1]),
    "BMP, palette of 4 bits": bmp(4, palette=[(17 * level,) * 3 for level in range(16)]),
    "BMP, grey of 4 bits": bmp(4, palette=GREY[:16]),
    "BMP, 1 bit": bmp(1, palette=[(0, 0, 0), (255, 255, 255)]),
    "BMP, OS/2": bmp(24, header=12),
}


@pytest.mark.parametrize("kind", DECODED)
def test_tensorflow_decodes_what_is_good(kind):
    import tensorflow as tf

    assert image_defect(DECODED[kind], MAX_PIXELS) is None
    decoded = tf.io.decode_image(DECODED[kind], expand_animations=False).numpy()
    assert decoded.shape[:2] == Image.open(io.BytesIO(DECODED[kind])).size[::-1]


@pytest.mark.parametrize("kind", REFUSED)
def test_bmp_that_tensorflow_would_misread_is_refused_with_a_way_out(kind):
    assert Image.open(io.BytesIO(REFUSED[kind])).size == (4, 4)
    assert image_defect(REFUSED[kind], MAX_PIXELS).endswith("(palette, 16 bits or OS/2): save it as PNG")


def test_endings_are_those_of_the_formats():
    assert {Image.registered_extensions()[ending] for ending in EXTENSIONS} == set(FORMATS)
