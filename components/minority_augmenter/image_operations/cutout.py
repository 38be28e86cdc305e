"""A box of an image painted over."""

import numpy as np

_LARGEST_SIDE = 0.4  # Of the image's.


def draw_box(size: tuple[int, int], strength: float, random: np.random.Generator) -> tuple[slice, slice]:
    """Draws a box inside the image.

    Its sides are up to 40 % of the image's at strength 1, and at least half of that.

    Args:
        size: Width and height.
        strength: At least 0.
        random: Decides all.

    Returns:
        Rows and columns.
    """
    box = []
    for side in reversed(size):
        length = min(round(side * _LARGEST_SIDE * strength * random.uniform(0.5, 1)), side)
        start = random.integers(0, side - length + 1)
        box.append(slice(int(start), int(start) + length))
    return box[0], box[1]


def cut_out(pixels: np.ndarray, box: tuple[slice, slice]) -> np.ndarray:
    """Paints a box in the mean colour, which says less than black would.

    Args:
        pixels: float32 `(height, width)` or `(height, width, 3)`.
        box: Rows and columns.

    Reference: DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout",
    2017, https://arxiv.org/abs/1708.04552
    """
    painted = pixels.copy()
    painted[box] = pixels.mean(axis=(0, 1))
    return painted
