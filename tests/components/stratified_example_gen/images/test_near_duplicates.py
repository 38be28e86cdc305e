"""Images that look alike."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile, ImageFilter

from components.stratified_example_gen.images.near_duplicates import (
    MAX_DIFFERENT_BITS,
    difference_hash,
    near_duplicates,
)

MAX_PIXELS = 160 * 120


def scene(seed):
    noise = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((160, 120), Image.Resampling.BICUBIC)


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_image_saved_again_scaled_or_blurred_is_found_and_others_are_not():
    base = scene(0)
    alike = [
        encoded(base),
        encoded(base, "JPEG", quality=60),
        encoded(base.resize((80, 60))),
        encoded(base.filter(ImageFilter.GaussianBlur(1))),
    ]
    others = [encoded(scene(seed)) for seed in range(1, 30)]
    hashes = np.array([difference_hash(one, MAX_PIXELS) for one in alike + others], np.uint64)
    assert near_duplicates(hashes).tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]


def of_16_bits(grey, shift=8):
    return encoded(Image.fromarray(np.asarray(grey, np.uint16) << shift | 7))


@pytest.mark.parametrize("shift", [8, 4, 3])
def test_16_bits_of_grey_hash_as_their_8_bits_do(shift):
    for seed in range(10):
        grey = scene(seed).convert("L")
        grey.putpixel((0, 0), 255)  # Fills the depth that the shift leaves.
        assert difference_hash(of_16_bits(grey, shift), MAX_PIXELS) == difference_hash(
            encoded(grey), MAX_PIXELS
        )


def png_of_16_bits(levels):
    """Encodes uint16 `(height, width, channels)`, of which Pillow writes one channel alone."""

    def block(name, content):
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    height, width, channels = levels.shape
    head = struct.pack(">IIBBBBB", width, height, 16, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in levels)
    blocks = block(b"IHDR", head) + block(b"IDAT", zlib.compress(rows)) + block(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + blocks


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_16_bits_of_every_mode_hash_as_their_8_bits_do(mode):
    for seed in range(5):
        image = scene(seed).convert(mode)
        if mode.endswith("A"):
            image.putalpha(scene(seed + 9).convert("L"))
        levels = np.atleast_3d(np.asarray(image)).astype(np.uint16)
        hashes = {difference_hash(one, MAX_PIXELS) for one in (png_of_16_bits(levels * 257), encoded(image))}
        assert len(hashes) == 1


def test_16_bit_copies_are_near_duplicates_and_other_scenes_are_not():
    files = [
        image for seed in range(8) for image in (encoded(scene(seed)), of_16_bits(scene(seed).convert("L")))
    ]
    hashes = np.array([difference_hash(one, MAX_PIXELS) for one in files], np.uint64)
    assert near_duplicates(hashes).tolist() == [[2 * pair, 2 * pair + 1] for pair in range(8)]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "CMYK"])
def test_palette_transparency_and_print_colours_change_no_hash_by_more_than_their_loss(mode):
    for seed in range(5):
        base = scene(seed)
        other = base.quantize(256) if mode == "P" else base.convert(mode)
        if mode in ("RGBA", "LA"):
            other.putalpha(40)
        kind = "JPEG" if mode == "CMYK" else "PNG"
        hashes = np.array(
            [difference_hash(one, MAX_PIXELS) for one in (encoded(base), encoded(other, kind))], np.uint64
        )
        assert near_duplicates(hashes).tolist() == [[0, 1]]


def test_image_beyond_the_limit_is_not_decoded(monkeypatch):
    def load(self):
        raise AssertionError("decoded")

    image = encoded(scene(0))
    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    with pytest.raises(ValueError, match=r"at most 19199 pixels\. Received: 160 x 120"):
        difference_hash(image, MAX_PIXELS - 1)


def test_the_limit_is_ours_and_not_pillows(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert difference_hash(encoded(scene(0)), MAX_PIXELS) != difference_hash(encoded(scene(1)), MAX_PIXELS)


def test_flat_images_are_not_taken_for_each_other():
    hashes = np.array(
        [difference_hash(encoded(Image.new("L", (9, 9), grey)), MAX_PIXELS) for grey in (0, 90, 255)],
        np.uint64,
    )
    assert len(near_duplicates(hashes)) == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31))
def test_pairs_are_those_of_comparing_all_with_all(seed):
    random = np.random.default_rng(seed)
    hashes = random.integers(0, 2**63, 40, dtype=np.uint64)
    for place in range(1, 20):
        hashes[place] = hashes[place - 1] ^ np.uint64(
            sum(1 << int(bit) for bit in random.choice(64, random.integers(0, 6), replace=False))
        )
    expected = []
    for first in range(40):
        for second in range(first + 1, 40):
            edges = [int(hashes[one]).bit_count() for one in (first, second)]
            different = int(hashes[first] ^ hashes[second]).bit_count()
            if all(6 <= count <= 58 for count in edges) and different <= MAX_DIFFERENT_BITS:
                expected.append([first, second])
    assert near_duplicates(hashes).tolist() == expected


def test_no_images_have_no_pairs():
    assert near_duplicates(np.empty(0, np.uint64)).shape == (0, 2)
