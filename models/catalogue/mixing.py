"""Mixings of training batches, with the functions that carry them out."""

from dataclasses import dataclass

from core.augmentation.mixings import MIXINGS as NAMED
from models.catalogue.row import Row


@dataclass(frozen=True)
class MixingRow(Row):
    """A mixing of two records; its builder is the function from Pairs and a Mixing to Mixed.

    Attributes:
        image_only: What it does to images, where it has nothing to work on without one; else empty.
    """

    image_only: str = ""


# Each in a file of its name: the settings of augmentation, which name them, know of no code of training.
MIXINGS: tuple[MixingRow, ...] = tuple(
    MixingRow(
        mixing.name,
        f"models.input.mixings.{mixing.name}:{mixing.name}",
        mixing.source,
        searched=mixing.searched,
        image_only=mixing.image_only,
    )
    for mixing in NAMED
)
