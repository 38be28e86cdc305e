"""Small pictures inside the page, as data URIs."""

import base64
import io

import numpy as np
from PIL import Image, ImageOps

from components.eight_bits import eight_bits

SIDE = 96
# Of a colour that stands out from photographs and from grey, for those too who do not see red or green.
_HEAT = (255, 170, 0)
_STRONGEST = 190


def data_uri(encoded: bytes, side: int = SIDE) -> str | None:
    """Makes a small JPEG of an encoded image; None where there is none."""
    if not encoded:
        return None
    return _jpeg(_small(encoded, side))


def heat_overlay(encoded: bytes, heat: np.ndarray, side: int = SIDE) -> str:
    """Makes a translucent PNG to lay over `data_uri(encoded, side)`.

    Args:
        encoded: The image.
        heat: Float `(height, width)` in [0, 1], over the whole image whatever its aspect ratio.
        side: As of the picture under it.
    """
    size = _small(encoded, side).size
    alpha = Image.fromarray((np.clip(heat, 0, 1) * _STRONGEST).astype(np.uint8)).resize(
        size, Image.Resampling.BILINEAR
    )
    overlay = Image.new("RGBA", size, _HEAT)
    overlay.putalpha(alpha)
    buffer = io.BytesIO()
    overlay.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _small(encoded: bytes, side: int) -> Image.Image:
    picture = ImageOps.exif_transpose(eight_bits(Image.open(io.BytesIO(encoded)))).convert("RGB")
    picture.thumbnail((side, side))
    return picture


def _jpeg(picture: Image.Image) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
