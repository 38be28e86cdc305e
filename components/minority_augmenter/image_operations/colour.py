"""Brightness, contrast and saturation."""

import numpy as np

_REACH = 0.4
_GREY = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


def draw_factors(strength: float, random: np.random.Generator) -> np.ndarray:
    """Draws factors of brightness, contrast and saturation, each 1 ± 0.4 at strength 1: float64 `(3,)`."""
    return 1 + _REACH * random.uniform(-strength, strength, 3)


def recolour(pixels: np.ndarray, factors: np.ndarray, largest: float) -> np.ndarray:
    """Changes the colours of an image.

    Brightness multiplies all pixels; contrast, their distance from the mean grey; saturation, their
    distance from their own grey.

    Args:
        pixels: float32 `(height, width)` or `(height, width, 3)`, in [0, largest].
        factors: Of brightness, contrast and saturation, each at least 0.
        largest: Value of white.

    Returns:
        float32 of the same shape, in [0, largest].
    """
    brightness, contrast, saturation = factors.astype(np.float32)
    pixels = pixels * brightness
    mean = (pixels @ _GREY if pixels.ndim == 3 else pixels).mean()
    pixels = mean + contrast * (pixels - mean)
    if pixels.ndim == 3:
        grey = (pixels @ _GREY)[..., None]
        pixels = grey + saturation * (pixels - grey)
    return np.clip(pixels, 0, largest)
