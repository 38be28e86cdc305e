"""Whether an encoded image can be decoded, found out without trusting it."""

import io
import warnings

from PIL import Image, UnidentifiedImageError

# What both Pillow and TensorFlow's decoder read.
FORMATS = ("JPEG", "PNG", "GIF", "BMP")
_ENDS = {"PNG": b"\x00\x00\x00\x00IEND\xaeB`\x82", "GIF": b";"}
_TRAILING_BYTES = 64  # Some programs write a few bytes behind the end.
EXTENSIONS = (".jpg", ".jpeg", ".png", ".gif", ".bmp")


def image_defect(encoded: bytes, max_pixels: int) -> str | None:
    """Returns why an encoded image cannot be used, or None where it can.

    The header is read first, so that an image declaring more than `max_pixels` is refused undecoded.
    """
    if not encoded:
        return "is empty"
    try:
        # Pillow warns of large images where we refuse by our own limit.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
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
