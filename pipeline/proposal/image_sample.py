"""Samples images and reads their size and colour from the headers."""

import io
import os
import statistics
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from components.stratified_example_gen.images.decoding import EXTENSIONS, FORMATS
from components.stratified_example_gen.images.kinds import kind_of_file
from core.printable import printable

_NUM_IMAGES = 200
_NUM_HEADS = 2000
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
        if isinstance(file, str) and not os.path.isfile(file):
            # A named pipe would be waited for.
            continue
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


def find_non_images(files: Sequence[str]) -> str | None:
    """Says how many files are no images by their first bytes, such as which one; None where all are.

    Files of unusual names are looked at first, up to 2,000 of them and as many of usual names, spread evenly.

    Args:
        files: Paths.
    """
    usual = [file for file in files if file.lower().endswith(EXTENSIONS)]
    unusual = [file for file in files if not file.lower().endswith(EXTENSIONS)]
    looked_at = [file for some in (unusual, usual) for file in some[:: max(1, -(-len(some) // _NUM_HEADS))]]
    others = [file for file in looked_at if kind_of_file(file) is None]
    if not others:
        return None
    of = "" if len(looked_at) == len(files) else f", of {len(looked_at):,} looked at"
    what = "file is no image" if len(others) == 1 else "files are no images"
    return f"{len(others):,} {what} that can be read{of}, such as {printable(others[0])}"
