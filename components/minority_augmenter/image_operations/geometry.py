"""Operations that move pixels, composed into one resampling: each further one would blur."""

from collections.abc import Collection

import numpy as np
from PIL import Image

GEOMETRIC = ("rotate", "zoom", "translate", "flip_horizontal", "flip_vertical", "shear")

_LARGEST_ANGLE = np.pi / 6
_LARGEST_ZOOM = 1.3
_LARGEST_SHIFT = 0.15  # Of the side.
_LARGEST_SHEAR = 0.25  # Pixels sideways per pixel down.


def draw_affine(
    operations: Collection[str], size: tuple[int, int], strength: float, random: np.random.Generator
) -> np.ndarray:
    """Draws a mapping about the centre of the image.

    At strength 1: rotation up to 30 degrees either way, zoom by a factor of 1/1.3 to 1.3, translation up
    to 15 % of the side, shear up to 1/4; each flip with a chance of one half at any strength above 0.

    Args:
        operations: Some of `GEOMETRIC`.
        size: Width and height.
        strength: At least 0; multiplies the ranges.
        random: Decides all.

    Returns:
        From a point of the new image to that of the old one, float64 `(2, 3)`, in pixels from the corner.
    """
    swing = {name: random.uniform(-strength, strength) if name in operations else 0.0 for name in GEOMETRIC}
    across = random.uniform(-strength, strength) if "translate" in operations else 0.0
    angle = swing["rotate"] * _LARGEST_ANGLE
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shear = np.array([[1.0, swing["shear"] * _LARGEST_SHEAR], [0.0, 1.0]])
    zoom = _LARGEST_ZOOM ** swing["zoom"]
    flips = np.diag([-1.0 if swing[name] > 0 else 1.0 for name in ("flip_horizontal", "flip_vertical")])
    matrix = rotation @ shear @ flips / zoom
    centre = np.array(size) / 2
    shift = np.array([swing["translate"], across]) * _LARGEST_SHIFT * size
    return np.column_stack([matrix, centre - matrix @ (centre + shift)])


def resample(image: Image.Image, affine: np.ndarray) -> Image.Image:
    """Moves the pixels of an image; what lies beyond its borders is its mirror image.

    Args:
        image: Of mode L, RGB or F.
        affine: From new to old points, `(2, 3)`.

    Returns:
        The image, of the same size and mode.
    """
    corners = np.array([[x, y, 1] for x in (0, image.width) for y in (0, image.height)])
    reached = corners @ affine.T
    # Bicubic interpolation looks two pixels further.
    beyond = np.maximum(-reached.min(axis=0), reached.max(axis=0) - image.size).max()
    margin = max(int(np.ceil(beyond)), 0) + 2
    pixels = np.asarray(image)
    widths = [(margin, margin), (margin, margin), (0, 0)][: pixels.ndim]
    padded = Image.fromarray(np.pad(pixels, widths, mode="symmetric"))
    moved = affine.copy()
    moved[:, 2] += margin
    return padded.transform(
        image.size, Image.Transform.AFFINE, moved.ravel().tolist(), Image.Resampling.BICUBIC
    )
