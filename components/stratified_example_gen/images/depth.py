"""Detects images of 16 bits a pixel of which the model, which sees the highest 8, would see next to nothing."""

import os
from collections.abc import Sequence

import numpy as np

from components.eight_bits import eight_bits
from components.stratified_example_gen.images.decoding import open_undecoded
from components.stratified_example_gen.images.kinds import HEAD_BYTES, readable_kind
from core.image_header import png_bits

_LOOKED_AT = 20
_DARKEST = 16  # Levels of 12 bits end below this, of 256.


def depth_note(folder: str, files: Sequence[str], max_pixels: int) -> str | None:
    """Says that images look black in 8 bits, of some spread over `files`; None where none of them do.

    Args:
        folder: Where they lie.
        files: Paths relative to it.
        max_pixels: An image that declares more is not decoded.
    """
    looked_at = files[:: max(1, -(-len(files) // _LOOKED_AT))]
    dark = [file for file in looked_at if _is_dark_in_8_bits(os.path.join(folder, file), max_pixels)]
    if not dark:
        return None
    return (
        f"{len(dark)} of {len(looked_at)} images looked at, such as {dark[0]}, hold 16 bits a pixel but fill the lowest "
        "12 at most: in 8 bits, as the model sees them, they are almost black. Scale their levels to the whole range."
    )


def _is_dark_in_8_bits(path: str, max_pixels: int) -> bool:
    try:
        with open(path, "rb") as handle:
            head = handle.read(HEAD_BYTES)
            if readable_kind(head) != "PNG" or png_bits(head) != 16:
                return False
            image = open_undecoded(head + handle.read())
        if image.width * image.height > max_pixels:
            return False
        levels = np.asarray(eight_bits(image).convert("L"))
    except Exception:  # Pillow raises many kinds; reading says which file is damaged, and how.
        return False
    # What is black all over is black in any depth.
    return int(np.asarray(image).max()) > 0 and int(levels.max()) < _DARKEST
