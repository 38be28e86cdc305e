"""New images of rare classes, each made of one image and decided by it, the seed and a number."""

import hashlib
from collections.abc import Sequence

import numpy as np

from core.augmentation.settings import AugmentationSettings
from core.errors import InputError

_MAKING = ("rotate_scale", "augment")
_LEAST_STRENGTH = 0.5
_ROTATE_SCALE = ("rotate", "zoom")


def operations_asked(settings: AugmentationSettings) -> tuple[str, ...]:
    """Returns the operations on images, none where images are copied.

    Raises:
        InputError: Where there is no such operation.
    """
    if settings.image not in _MAKING:
        return ()
    # PIL and its operations are not needed by those who augment tables.
    from components.minority_augmenter.image_making import operations_of

    try:
        return operations_of(
            settings.preset, _ROTATE_SCALE if settings.image == "rotate_scale" else settings.operations
        )
    except ValueError as err:
        raise InputError(f"augmentation.operations: {err}") from err


def class_strengths(settings: AugmentationSettings, counts: Sequence[int]) -> list[float]:
    """Returns how far the operations go for each class, in [0, 1]; 0 where images are copied.

    The rarer a class, the more often each of its images is used, and the further its copies must differ:
    `1 - 0.5 * size / largest` where `strength` is true, times how far the preset goes.

    Args:
        settings: What is asked for.
        counts: Number of records in train, by class index.
    """
    if settings.image not in _MAKING:
        return [0.0] * len(counts)
    from components.minority_augmenter.image_making import base_strength

    base = base_strength(settings.preset)
    if settings.strength is True:
        largest = max(counts)
        return [base * (1 - (1 - _LEAST_STRENGTH) * count / largest) for count in counts]
    return [base * (float(settings.strength) or 1.0)] * len(counts)


def new_image(
    encoded: bytes, key: bytes, operations: tuple[str, ...], strength: float, number: int, seed: int
) -> bytes:
    """Makes one image of another.

    Args:
        encoded: The image file.
        key: Of the record it is from.
        operations: What may be done to it; nothing gives the image itself.
        strength: In (0, 1].
        number: Tells apart the images made of one.
        seed: Decides, with key and number, what is done.
    """
    # A record may come without an image, which is empty.
    if not operations or not encoded:
        return encoded
    from components.minority_augmenter.image_making import make_image

    salt = (seed % 2**64).to_bytes(8, "little")
    hashed = hashlib.blake2b(key + number.to_bytes(8, "little"), digest_size=16, salt=salt).digest()
    return make_image(encoded, operations, strength, np.random.default_rng(int.from_bytes(hashed, "little")))
