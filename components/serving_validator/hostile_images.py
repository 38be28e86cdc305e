"""Images as nobody had them in mind, made from a real one."""

import io

from PIL import Image

_TINY, _LONG = (1, 1), (300, 7)


def other_images(encoded: bytes) -> dict[str, bytes]:
    """Encodes an image in other sizes, colours and formats; none at all is the empty string.

    Args:
        encoded: A PNG, JPEG, GIF or BMP file, or nothing.

    Returns:
        Images that can be decoded, by what they are.
    """
    image = _opened(encoded)
    return {
        "an image of 1 x 1 pixels": _encoded(image.resize(_TINY), "PNG"),
        "an image of 300 x 7 pixels": _encoded(image.resize(_LONG), "PNG"),
        "a grey image": _encoded(image.convert("L"), "PNG"),
        "a grey JPEG": _encoded(image.convert("L"), "JPEG"),
        "an image with transparency": _encoded(image.convert("RGBA"), "PNG"),
        "an image with a palette": _encoded(image.convert("P"), "PNG"),
        "a BMP": _encoded(image.convert("RGB"), "BMP"),
        "a GIF": _encoded(image.convert("P"), "GIF"),
        "an empty image": b"",
    }


def unreadable_images(encoded: bytes) -> dict[str, bytes]:
    """Makes files that are no images any more, by what they are; see `other_images`."""
    whole = _encoded(_opened(encoded).convert("RGB").resize((64, 64)), "PNG")
    return {
        "an image cut off halfway": whole[: len(whole) // 2],
        "an image of nothing but its head": whole[:24],
        "text for an image": b"this is no image",
    }


def _opened(encoded: bytes) -> Image.Image:
    if not encoded:
        return Image.new("RGB", (16, 16), (90, 120, 30))
    return Image.open(io.BytesIO(encoded)).convert("RGB")


def _encoded(image: Image.Image, image_format: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format)
    return buffer.getvalue()
