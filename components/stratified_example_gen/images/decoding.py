"""Checks whether an encoded image can be decoded, without trusting it."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, UnidentifiedImageError

from components.stratified_example_gen.images.kinds import HEAD_BYTES, other_kind, readable_kind
from core.image_header import bmp_bits, declared_pixels

# What both Pillow and TensorFlow's decoder read.
FORMATS = ("JPEG", "PNG", "GIF", "BMP")
_ENDS = {"PNG": b"\x00\x00\x00\x00IEND\xaeB`\x82", "GIF": b";"}
_TRAILING_BYTES = 64  # Some programs write a few bytes behind the end.
# Usual endings, for names of which nothing else is known. What is an image, its content decides.
EXTENSIONS = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp")


_pillows_limit = threading.Lock()


@contextmanager
def _without_pillows_limit() -> Iterator[None]:
    """Lets Pillow open, undecoded, what our own limit then judges: Pillow's refusal does not give the size."""
    with _pillows_limit:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def open_undecoded(encoded: bytes) -> Image.Image:
    """Opens an image by its header alone, of whatever size.

    Raises:
        UnidentifiedImageError: It is of none of the formats.
    """
    with _without_pillows_limit():
        return Image.open(io.BytesIO(encoded), formats=FORMATS)


def _is_plain_bmp(encoded: bytes, mode: str) -> bool:
    """Tells whether TensorFlow's decoder understands a BMP, which Pillow's does in more kinds."""
    bits = bmp_bits(encoded)
    # Grey levels of 8 bits are their own palette; of any other palette TensorFlow takes the indices for grey.
    return bits in (24, 32) or (bits == 8 and mode == "L")


def read_image(path: str, max_pixels: int) -> tuple[bytes, str | None]:
    """Reads an image file, of whatever name.

    What does not begin like an image is not read to its end, which may be far.

    Args:
        path: The file.
        max_pixels: See `image_defect`.

    Returns:
        Its bytes, and why they cannot be used, or None where they can.
    """
    try:
        with open(path, "rb") as handle:
            head = handle.read(HEAD_BYTES)
            if head and readable_kind(head) is None:
                return head, _why_no_image(head)
            encoded = head + handle.read()
    except OSError as error:
        return b"", f"cannot be read ({error.strerror})"
    return encoded, image_defect(encoded, max_pixels)


def _why_no_image(encoded: bytes) -> str:
    why = f"is not a {', '.join(FORMATS[:-1])} or {FORMATS[-1]} image"
    other = other_kind(encoded)
    return why if other is None else f"{why} but {other}: convert it to PNG or JPEG"


def image_defect(encoded: bytes, max_pixels: int) -> str | None:
    """Returns why an encoded image cannot be used, or None where it can.

    The header is read first, so that an image declaring more than `max_pixels` is refused undecoded.
    """
    if not encoded:
        return "is empty"
    try:
        image = open_undecoded(encoded)
    except UnidentifiedImageError:
        return _why_no_image(encoded)
    except Exception as error:
        return f"has a damaged header ({error})"
    width, height = image.size
    if width * height > max_pixels:
        return (
            f"declares {width} x {height} pixels, more than data.max_image_pixels = {max_pixels}: "
            "raise the limit if that is meant"
        )
    # The decoder makes room for every frame of a GIF, though the first alone is used.
    if image.format == "GIF" and declared_pixels(encoded) > max_pixels:
        return (
            f"is a GIF whose frames have more pixels together than data.max_image_pixels = {max_pixels}, or too many "
            "blocks to count them: save its first frame as PNG, or raise the limit if that is meant"
        )
    if image.format == "BMP" and not _is_plain_bmp(encoded, image.mode):
        return "is a BMP of a kind that TensorFlow does not decode (palette, 16 bits or OS/2): save it as PNG"
    end = _ENDS.get(image.format or "")
    # Pillow forgives a missing end that TensorFlow's decoder does not.
    if end is not None and end not in encoded[-_TRAILING_BYTES:]:
        return "is cut short: the end of the file is missing"
    try:
        image.load()
    except Exception as error:
        return f"is damaged or cut short ({error})"
    return None
