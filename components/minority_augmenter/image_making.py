"""New images made of one: moved, recoloured, blurred, partly hidden."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from components.minority_augmenter.image_operations.blur import blur, draw_radius
from components.minority_augmenter.image_operations.colour import draw_factors, recolour
from components.minority_augmenter.image_operations.cutout import cut_out, draw_box
from components.minority_augmenter.image_operations.geometry import GEOMETRIC, draw_affine, resample
from core.errors import InputError
from core.suggestions import nearest

OPERATIONS = (*GEOMETRIC, "colour", "blur", "cutout")
_JPEG_QUALITY = 95


@dataclass(frozen=True)
class Preset:
    """Operations that go together.

    Attributes:
        operations: Some of `OPERATIONS`.
        strength: How far they go, in (0, 1]; multiplies the strength of a class.
    """

    operations: tuple[str, ...]
    strength: float


PRESETS = {
    "light": Preset(("rotate", "zoom", "translate", "flip_horizontal", "colour"), 0.4),
    "medium": Preset(("rotate", "zoom", "translate", "flip_horizontal", "shear", "colour"), 0.7),
    "strong": Preset(
        ("rotate", "zoom", "translate", "flip_horizontal", "shear", "colour", "blur", "cutout"), 1.0
    ),
    # Colour and intensity carry the finding; up and down mean little on a slide or in a scan's slice.
    "medical": Preset(("rotate", "zoom", "translate", "flip_horizontal", "flip_vertical", "shear"), 0.5),
    # A mirrored letter is another letter, or none.
    "text": Preset(("rotate", "zoom", "translate", "shear", "colour", "blur"), 0.4),
}


def operations_of(preset: str, operations: tuple[str, ...] | None) -> tuple[str, ...]:
    """Returns the operations asked for: those named, or else the preset's.

    Args:
        preset: light, medium, strong, medical (no colour) or text (no flips).
        operations: Some of `OPERATIONS`, or None.

    Raises:
        ValueError: There is no such preset or operation.
    """
    _check("preset", preset, tuple(PRESETS))
    for operation in operations or ():
        _check("operation", operation, OPERATIONS)
    return PRESETS[preset].operations if operations is None else tuple(operations)


def base_strength(preset: str) -> float:
    """Returns how far the operations of a preset go, in (0, 1]; multiply a class's strength by it.

    Raises:
        ValueError: There is no such preset.
    """
    _check("preset", preset, tuple(PRESETS))
    return PRESETS[preset].strength


def make_image(
    encoded: bytes, operations: tuple[str, ...], strength: float, random: np.random.Generator
) -> bytes:
    """Makes one image of another, of the same size.

    A JPEG is first turned as its Exif note says, and gives a JPEG of quality 95 without the note; any other
    image gives a PNG. Grey stays grey, 16 bits stay 16 bits, transparency moves with the pixels. Of an
    animation the first frame is taken.

    Args:
        encoded: The image file: JPEG, PNG, GIF or BMP.
        operations: Some of `OPERATIONS`; their order does not matter.
        strength: At least 0: 0 returns `encoded` itself; 1 goes as far as each operation says.
        random: Decides all: in the same state it makes the same bytes.

    Returns:
        The new image file.

    Raises:
        ValueError: An operation is not known, or the strength below 0.
        InputError: The image cannot be read.
    """
    for operation in operations:
        _check("operation", operation, OPERATIONS)
    if not 0 <= strength < np.inf:
        raise ValueError(f"`strength` must be a number of at least 0. Received: strength={strength}")
    if strength == 0 or not operations:
        return encoded
    image, image_format = _read(encoded)
    channels = _channels(image)
    affine = draw_affine(operations, image.size, strength, random)
    factors = draw_factors(strength, random) if "colour" in operations else None
    radius = draw_radius(image.size, strength, random) if "blur" in operations else None
    box = draw_box(image.size, strength, random) if "cutout" in operations else None

    largest = 65535.0 if channels[0].mode == "F" else 255.0
    moved = [resample(channel, affine) for channel in channels]
    pixels = np.clip(np.asarray(moved[0], np.float32), 0, largest)
    if factors is not None:
        pixels = recolour(pixels, factors, largest)
    if radius is not None:
        pixels = blur(pixels * (255 / largest), radius) * (largest / 255)
    if box is not None:
        pixels = cut_out(pixels, box)
    return _written(pixels, moved[1:], largest, image_format)


def _check(what: str, name: str, valid: tuple[str, ...]) -> None:
    if name not in valid:
        hint = nearest(name, valid)
        raise ValueError(
            f"Unknown {what} {name!r}. "
            + (f"Did you mean {hint!r}? " if hint else "")
            + f"Known: {', '.join(valid)}."
        )


def _read(encoded: bytes) -> tuple[Image.Image, str]:
    try:
        image = Image.open(io.BytesIO(encoded))
        image_format = image.format or ""
        image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as err:
        raise InputError(f"An image of {len(encoded)} bytes cannot be read: {err}") from err
    # Where the model is served, JPEG's note alone is looked at.
    return (ImageOps.exif_transpose(image) if image_format == "JPEG" else image), image_format


def _channels(image: Image.Image) -> list[Image.Image]:
    """Parts an image into its colours, of mode L, RGB or, beyond 8 bits, F, and its transparency, if any.

    Apart, as resampling the two together would blacken colours that are transparent, and the model looks
    at the colours alone.
    """
    if image.mode.startswith("I"):
        return [Image.fromarray(np.clip(np.asarray(image), 0, 65535).astype(np.float32))]
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode in ("LA", "RGBA"):
        return [image.convert(image.mode[:-1]), image.getchannel("A")]
    return [image.convert("L" if image.mode in ("1", "L") else "RGB")]


def _written(pixels: np.ndarray, transparency: list[Image.Image], largest: float, image_format: str) -> bytes:
    whole = np.rint(pixels).astype(np.uint8 if largest == 255 else np.uint16)
    image = Image.fromarray(whole)
    if transparency:
        image.putalpha(transparency[0])
    written = io.BytesIO()
    if image_format == "JPEG":
        image.save(written, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    else:
        image.save(written, "PNG")
    return written.getvalue()
