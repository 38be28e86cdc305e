"""Loss of focus."""

import numpy as np
from PIL import Image, ImageFilter

_LARGEST_RADIUS = 0.01  # Of the smaller side,
_LEAST_RADIUS = 0.7  # but at least so many pixels: less cannot be seen.


def draw_radius(size: tuple[int, int], strength: float, random: np.random.Generator) -> float:
    """Draws the radius of a Gaussian blur in pixels: at strength 1 half to 1 % of the smaller side."""
    return strength * max(_LARGEST_RADIUS * min(size), _LEAST_RADIUS) * random.uniform(0.5, 1)


def blur(pixels: np.ndarray, radius: float) -> np.ndarray:
    """Blurs float32 pixels, `(height, width)` or `(height, width, 3)`, in [0, 255], to whole numbers."""
    image = Image.fromarray(np.rint(pixels).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), np.float32)
