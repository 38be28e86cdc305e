"""Priors: the classes of train before and after augmentation, as MinorityAugmenter writes them."""

from typing import ClassVar

from pydantic import JsonValue

from core.documents.document import Document, Part
from core.documents.values import Count, Number


class ClassCounts(Part):
    """Records of train by class, before and after augmentation."""

    before: dict[str, Count]
    after: dict[str, Count]


class ClassShares(Part):
    """Shares of train by class, each in [0, 1] with sum 1, before and after augmentation."""

    before: dict[str, Number]
    after: dict[str, Number]


class GrowthPlan(Part):
    """Records to make, and records to keep, by class."""

    make: dict[str, Count]
    keep: dict[str, Count]


class Priors(Document):
    """What augmentation did to the classes.

    What is made in training is in the plan and in the notes alone: it is no record.

    Attributes:
        classes: Names of the classes, in the order of the model's outputs.
        counts: Records of train.
        priors: Shares of train.
        made: Records made, by class.
        removed: Records taken out, by class.
        strategy: The settings of the augmentation.
        plan: What was to be done, by MinorityAugmenter or in training.
        notes: What was done otherwise, a sentence each.
    """

    FILE_NAME: ClassVar[str] = "priors.json"

    classes: tuple[str, ...]
    counts: ClassCounts
    priors: ClassShares
    made: dict[str, Count]
    removed: dict[str, Count]
    strategy: dict[str, JsonValue]
    plan: GrowthPlan
    notes: tuple[str, ...]
