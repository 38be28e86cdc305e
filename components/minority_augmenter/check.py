"""Checks that an augmentation fits the data."""

from collections.abc import Collection

from core.augmentation.settings import COPIED_IMAGES, AugmentationSettings
from core.errors import InputError
from core.named_in_data import mentions, require_classes


def check_classes(settings: AugmentationSettings, classes: Collection[str]) -> None:
    """Checks that the classes a size is given for are in the data.

    Raises:
        InputError: Where one is not.
    """
    require_classes(mentions(settings, "augmentation"), classes)


def check_embeddings(settings: AugmentationSettings, has_columns: bool) -> None:
    """Checks that images stand alone where their embeddings are to be added to.

    Args:
        settings: What is asked for.
        has_columns: Whether the records have columns besides label and image.

    Raises:
        InputError: Where there are columns too.
    """
    if settings.in_training and has_columns:
        raise InputError(
            f"augmentation.image: {settings.image!r} makes embeddings of images, and the records have columns beside "
            "them, which a synthetic embedding has none of. Set augmentation.image to rotate_scale, or leave the "
            "columns out by data.drop."
        )


def check_kind(settings: AugmentationSettings, has_columns: bool, has_image: bool) -> None:
    """Checks that the strategies have something to work on.

    Args:
        settings: What is asked for.
        has_columns: Whether the records have columns besides label and image.
        has_image: Whether the records have an image.

    Raises:
        InputError: Where a strategy is for a kind of data that the records do not have.
    """
    if settings.tabular != "none" and not has_columns:
        raise InputError(
            f"augmentation.tabular: {settings.tabular!r} works on the columns of a table, and the records have none. "
            f"Set it to none; augmentation.image has {', '.join(COPIED_IMAGES)}."
        )
    if settings.image != "none" and not has_image:
        raise InputError(
            f"augmentation.image: {settings.image!r} works on images, and the records have none. Set it to none; "
            "augmentation.tabular has strategies for tables."
        )
