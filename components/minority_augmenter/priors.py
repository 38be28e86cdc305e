"""Class counts before and after augmentation, for calibration, the report and people."""

from collections.abc import Sequence

import numpy as np

from core.augmentation.growth_plan import Plan
from core.augmentation.settings import AugmentationSettings
from core.documents.priors import ClassCounts, ClassShares, GrowthPlan, Priors


def priors_document(
    classes: Sequence[str],
    before: np.ndarray,
    made: np.ndarray,
    removed: np.ndarray,
    plan: Plan,
    settings: AugmentationSettings,
    notes: Sequence[str],
) -> Priors:
    """Assembles the classes before and after augmentation.

    Args:
        classes: Names of the classes, by index.
        before: int64 `(classes,)`, records in train.
        made: int64 `(classes,)`, records made.
        removed: int64 `(classes,)`, records taken out.
        plan: What was to be done, by this stage or in training.
        settings: What was asked for.
        notes: What was done otherwise, a sentence each.
    """
    after = before + made - removed

    def counted(values: np.ndarray) -> dict[str, int]:
        return dict(zip(classes, values.tolist(), strict=True))

    def shares(values: np.ndarray) -> dict[str, int | float]:
        return dict(zip(classes, (values / values.sum()).tolist(), strict=True))

    return Priors(
        classes=tuple(classes),
        counts=ClassCounts(before=counted(before), after=counted(after)),
        priors=ClassShares(before=shares(before), after=shares(after)),
        made=counted(made),
        removed=counted(removed),
        strategy=settings.model_dump(mode="json"),
        plan=GrowthPlan(make=plan.make, keep=plan.keep),
        notes=(*_left_to_training(plan, settings), *notes),
    )


def _left_to_training(plan: Plan, settings: AugmentationSettings) -> list[str]:
    if not settings.in_training:
        return []
    return [
        f"class {name!r}: {size} examples are made in training, by {settings.image}, while the backbone is frozen"
        for name, size in plan.make.items()
    ]
