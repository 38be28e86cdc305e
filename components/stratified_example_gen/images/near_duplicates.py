"""Finds images that look alike though their files differ: saved again, scaled, slightly retouched."""

import numpy as np
from PIL import Image

from components.eight_bits import eight_bits, filled_depth, is_deep
from components.stratified_example_gen.images.decoding import open_undecoded

_SIDE = 8
_BANDS = 4
_BAND_BITS = 16
MAX_DIFFERENT_BITS = _BANDS - 1
# A nearly flat image has hardly an edge to tell it by.
_LEAST_EDGES = 6
# Images whose hashes share a band are compared pair by pair; of very common bands only the first are.
_MOST_COMPARED = 500


def difference_hash(encoded: bytes, max_pixels: int) -> int:
    """Hashes what an image looks like.

    The image is shrunk to 9 x 8 grey pixels; each bit says whether a pixel is brighter than its right
    neighbour. Grey levels of 16 bits are brought to 8 first, so that both give one hash.

    Args:
        encoded: An image without a defect; see `image_defect`.
        max_pixels: The limit it was judged by.

    Returns:
        64 bits.

    Raises:
        ValueError: It declares more pixels. It is not decoded.

    Reference:
        Krawetz 2013, "Kind of like that" (dHash).
    """
    image = open_undecoded(encoded)
    width, height = image.size
    if width * height > max_pixels:
        raise ValueError(f"Expected at most {max_pixels} pixels. Received: {width} x {height}")
    image.draft("L", (_SIDE * 8, _SIDE * 8))  # Lets a JPEG be decoded at a fraction of its size.
    # Of what fills the lowest bits alone, the highest 8 of 16 would look flat.
    image = eight_bits(image, filled_depth(image)) if is_deep(image) else image
    pixels = np.asarray(image.convert("L").resize((_SIDE + 1, _SIDE), Image.Resampling.BOX), np.int16)
    return int.from_bytes(np.packbits(pixels[:, :-1] > pixels[:, 1:]).tobytes(), "big")


def near_duplicates(hashes: np.ndarray) -> np.ndarray:
    """Finds the pairs of images whose hashes differ in at most `MAX_DIFFERENT_BITS` bits.

    Two such hashes agree in one of four bands of 16 bits at least, so that only images that share a band
    are compared.

    Args:
        hashes: uint64 `(images,)`.

    Returns:
        int64 `(pairs, 2)`, indices with the lower first, sorted.
    """
    edges = _count_bits(hashes)
    telling = np.flatnonzero((edges >= _LEAST_EDGES) & (edges <= 64 - _LEAST_EDGES))
    pairs = [np.empty((0, 2), np.int64)]
    for band in range(_BANDS):
        values = (hashes[telling] >> np.uint64(band * _BAND_BITS)) & np.uint64((1 << _BAND_BITS) - 1)
        by_value = np.argsort(values, kind="stable")
        starts = np.flatnonzero(np.diff(values[by_value], prepend=np.uint64(1 << _BAND_BITS)))
        for members in np.split(telling[by_value], starts[1:]):
            if len(members) > 1:
                pairs.append(_close_pairs(members[:_MOST_COMPARED], hashes))
    return np.unique(np.concatenate(pairs), axis=0)


def _close_pairs(members: np.ndarray, hashes: np.ndarray) -> np.ndarray:
    first, second = np.triu_indices(len(members), k=1)
    different = _count_bits(hashes[members[first]] ^ hashes[members[second]])
    close = different <= MAX_DIFFERENT_BITS
    return np.sort(np.stack([members[first[close]], members[second[close]]], axis=1), axis=1)


def _count_bits(numbers: np.ndarray) -> np.ndarray:
    as_bytes = numbers.astype("<u8").view(np.uint8).reshape(len(numbers), 8)
    return np.unpackbits(as_bytes, axis=1).sum(axis=1)
