"""Settings of the augmentation of rare classes."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from core.augmentation.mixings import MIXINGS
from core.class_keys import by_clean_class
from core.named_in_data import ClassName
from core.settings import Settings
from core.suggestions import nearest

TABULAR = (
    "none",
    "oversample",
    "undersample",
    "smote",
    "borderline_smote",
    "svm_smote",
    "adasyn",
    "smote_tomek",
    "smote_enn",
)
COPIED_IMAGES = ("oversample", "rotate_scale", "augment")  # The stage writes new records for these,
MIXED_IMAGES = tuple(mixing.name for mixing in MIXINGS)  # training mixes those batch by batch,
EMBEDDED_IMAGES = ("embedding_smote",)  # as it adds embeddings to what the frozen backbone sees.
IMAGE = ("none", *COPIED_IMAGES, *MIXED_IMAGES, *EMBEDDED_IMAGES)


class AugmentationSettings(Settings):
    """How many examples are added to which class of train, or taken from it, and how they are made."""

    tabular: str = Field("none", description=f"Strategy for tables: {', '.join(TABULAR)}.")
    image: str = Field("none", description=f"Strategy for images: {', '.join(IMAGE)}.")
    target_ratio: float | Literal["sqrt"] | dict[ClassName, int] = Field(
        1.0,
        description="Least size of a class as a share of the largest, in (0, 1]; sqrt: sizes in the ratio of the "
        "square roots of what they were; or {class: count}.",
    )
    neighbours: int = Field(5, ge=1, description="Nearest neighbours that SMOTE and its kin draw from.")
    max_factor: float | None = Field(
        None, ge=1, description="No class grows to more than so many times its size; null is no limit."
    )
    preset: Literal["light", "medium", "strong", "medical", "text"] = Field(
        "medium", description="Which operations `image: augment` draws from, and how far they go."
    )
    operations: tuple[str, ...] | None = Field(
        None, description="Operations on images, instead of the preset's own."
    )
    strength: bool | float = Field(
        True,
        description="How far image operations go: true is further the rarer the class, from a half to 1; a number in "
        "(0, 1] or false, which is 1, is the same for all.",
    )
    alpha: float = Field(
        1.0,
        gt=0,
        description=f"Of the Beta distribution of the shares that {', '.join(MIXED_IMAGES[:-1])} and "
        f"{MIXED_IMAGES[-1]} mix by.",
    )
    crop_flip: bool = Field(
        False,
        description="Whether training shifts and mirrors all images anew in every epoch; the preset text only shifts.",
    )
    turn_zoom: bool = Field(
        False,
        description="Whether training turns, zooms and shears all images anew in every epoch, as far as `strength` "
        "says.",
    )

    _clean_classes = field_validator("target_ratio", mode="before")(by_clean_class)

    @field_validator("target_ratio")
    @classmethod
    def _sizes(cls, value: float | str | dict[str, int]) -> float | str | dict[str, int]:
        if isinstance(value, dict) and any(size < 1 for size in value.values()):
            raise ValueError(f"Expected a count of at least 1 for every class. Received: {value}")
        if isinstance(value, float) and not 0 < value <= 1:
            raise ValueError(
                f"Expected a share in (0, 1]: 1 makes every class as large as the largest. Received: {value}. "
                "For counts, give {class: count}."
            )
        return value

    @field_validator("strength")
    @classmethod
    def _share(cls, value: bool | float) -> bool | float:
        if not isinstance(value, bool) and not 0 < value <= 1:
            raise ValueError(f"Expected true, false or a number in (0, 1]. Received: {value}")
        return value

    @field_validator("tabular")
    @classmethod
    def _known_tabular(cls, value: str) -> str:
        return _known(value, TABULAR)

    @field_validator("image")
    @classmethod
    def _known_image(cls, value: str) -> str:
        if value not in IMAGE and ("smote" in value.lower() or value == "adasyn"):
            raise ValueError(
                f"{value!r} does not work on images: a point between two images, pixel by pixel, is a double exposure "
                "that no camera takes. embedding_smote draws it between what a network sees in them; rotate_scale "
                "makes new images that could have been taken."
            )
        return _known(value, IMAGE)

    @model_validator(mode="after")
    def _agree(self) -> "AugmentationSettings":
        if self.tabular == "undersample" and self.image in COPIED_IMAGES:
            raise ValueError(
                f"tabular: undersample makes classes smaller, image: {self.image} makes them larger. Set one to none."
            )
        if self.tabular == "undersample" and self.max_factor is not None:
            raise ValueError(
                "max_factor limits how classes grow; with tabular: undersample none does. Leave it out."
            )
        if self.in_training and (self.tabular != "none" or self.crop_flip or self.turn_zoom):
            moved = [f"{key}: true" for key in ("crop_flip", "turn_zoom") if getattr(self, key)]
            received = moved[0] if moved else f"tabular: {self.tabular}"
            raise ValueError(
                f"image: {self.image} adds embeddings of images that are alike in every epoch and have no table beside "
                f"them. Received: {received}. Leave it out, or set image to rotate_scale."
            )
        if self.operations is not None and self.image != "augment":
            raise ValueError(f"operations are those of image: augment. Received: image: {self.image}")
        return self

    @property
    def in_training(self) -> bool:
        """Whether training makes what this stage only plans."""
        return self.image in EMBEDDED_IMAGES

    @property
    def row_strategy(self) -> str:
        """How rows come about in this stage: a tabular strategy, `copy` for images, or `none`."""
        if self.tabular != "none":
            return self.tabular
        return "copy" if self.image in COPIED_IMAGES else "none"


def _known(value: str, strategies: tuple[str, ...]) -> str:
    if value not in strategies:
        hint = nearest(value, strategies)
        raise ValueError(
            f"Unknown strategy {value!r}. "
            + (f"Did you mean {hint!r}? " if hint else "")
            + f"Strategies: {', '.join(strategies)}."
        )
    return value
