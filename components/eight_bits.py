"""Images of 16 bits a pixel as the 8 bits of them that the model sees."""

import numpy as np
from PIL import Image

_BITS = 16


def is_deep(image: Image.Image) -> bool:
    """Tells whether an image holds grey levels beyond 8 bits, which Pillow's `convert` would clip to white."""
    return image.mode.startswith("I")


def eight_bits(image: Image.Image, depth: int = _BITS) -> Image.Image:
    """Returns the highest 8 bits of deep grey levels, as decoding in the graph does; any other image as it is.

    Args:
        image: The image; one of colours Pillow has brought to 8 bits already.
        depth: How many bits of the 16 its levels fill.
    """
    if not is_deep(image):
        return image
    levels = np.clip(np.asarray(image).astype(np.int64), 0, 2**_BITS - 1)
    return Image.fromarray(np.minimum(levels >> max(0, depth - 8), 255).astype(np.uint8))


def filled_depth(image: Image.Image) -> int:
    """Returns how many bits the levels of a deep image fill, 16 where more than 12 do.

    Scanners and cameras of 10 or 12 bits often leave the highest bits empty.
    """
    bits = int(np.asarray(image).max()).bit_length()
    return bits if bits <= 12 else _BITS
