"""Whether an encoded image can be decoded, found out without trusting it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, UnidentifiedImageError

# What both Pillow and TensorFlow's decoder read.
FORMATS = ("JPEG", "PNG", "GIF", "BMP")
_ENDS = {"PNG": b"\x00\x00\x00\x00IEND\xaeB`\x82", "GIF": b";"}
_TRAILING_BYTES = 64  # Some programs write a few bytes behind the end.
EXTENSIONS = (".jpg", ".jpeg", ".png", ".gif", ".bmp")


@contextmanager
def _without_pillows_limit() -> Iterator[None]:
    """Lets Pillow open, undecoded, what our own limit then judges: Pillow's refusal does not give the size."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def image_defect(encoded: bytes, max_pixels: int) -> str | None:
    """Returns why an encoded image cannot be used, or None where it can.

    The header is read first, so that an image declaring more than `max_pixels` is refused undecoded.
    """
    if not encoded:
        return "is empty"
    try:
        with _without_pillows_limit():
            image = Image.open(io.BytesIO(encoded), formats=FORMATS)
    except UnidentifiedImageError:
        return f"is not a {', '.join(FORMATS[:-1])} or {FORMATS[-1]} image"
    except Exception as error:
        return f"has a damaged header ({error})"
    width, height = image.size
    if width * height > max_pixels:
        return (
            f"declares {width} x {height} pixels, more than data.max_image_pixels = {max_pixels}: "
            "raise the limit if that is meant"
        )
    if image.format == "BMP" and image.mode in ("1", "P"):
        return "is a BMP with a palette, which TensorFlow does not decode: save it as PNG"
    end = _ENDS.get(image.format or "")
    # Pillow forgives a missing end that TensorFlow's decoder does not.
    if end is not None and end not in encoded[-_TRAILING_BYTES:]:
        return "is cut short: the end of the file is missing"
    try:
        image.load()
    except Exception as error:
        return f"is damaged or cut short ({error})"
    return None
