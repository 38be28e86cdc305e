"""Size and colour of a sample of images, from their headers."""

import io
import statistics
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from components.stratified_example_gen.images import FORMATS

_NUM_IMAGES = 200
_GREY_MODES = {"1", "L", "LA", "I", "I;16"}


@dataclass(frozen=True)
class ImageSample:
    """What the images are like.

    Attributes:
        height: Median height in pixels.
        width: Median width.
        grey: Whether all have a single channel.
        num_read: Number of images looked at.
        num_unreadable: Number of these without a readable header.
    """

    height: int
    width: int
    grey: bool
    num_read: int
    num_unreadable: int


def sample_images(files: Sequence[str | bytes]) -> ImageSample | None:
    """Reads the headers of up to 200 images, spread evenly over `files`; None where none can be read.

    Args:
        files: Paths of images, or encoded images.
    """
    looked_at = files[:: max(1, -(-len(files) // _NUM_IMAGES))]
    sizes, modes = [], set()
    for file in looked_at:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(
                    io.BytesIO(file) if isinstance(file, bytes) else file, formats=FORMATS
                ) as image:
                    sizes.append(image.size)
                    modes.add(image.mode)
        except Exception:  # Pillow raises many kinds; the pipeline says which file and why.
            continue
    if not sizes:
        return None
    width, height = (round(statistics.median(side)) for side in zip(*sizes, strict=True))
    return ImageSample(height, width, modes <= _GREY_MODES, len(looked_at), len(looked_at) - len(sizes))
