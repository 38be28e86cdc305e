"""Class counts before and after augmentation, for calibration, the report and people."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.augmentation.growth_plan import Plan
from core.augmentation.settings import AugmentationSettings


def priors_document(
    classes: Sequence[str],
    before: np.ndarray,
    made: np.ndarray,
    removed: np.ndarray,
    plan: Plan,
    settings: AugmentationSettings,
    notes: Sequence[str],
) -> dict[str, Any]:
    """Assembles what `priors.json` holds.

    Args:
        classes: Names of the classes, by index.
        before: int64 `(classes,)`, records in train.
        made: int64 `(classes,)`, records made.
        removed: int64 `(classes,)`, records taken out.
        plan: What was to be done, by this stage or in training.
        settings: What was asked for.
        notes: What was done otherwise, a sentence each.

    Returns:
        `classes`, in the order of the model's outputs; `counts` and `priors`, each `before` and `after` by
        class, priors in [0, 1] with sum 1; `made` and `removed` by class; `strategy`, `plan` and `notes`.
        What is made in training is in the plan and in the notes alone: it is no record.
    """
    after = before + made - removed

    def by_class(values: np.ndarray) -> dict[str, Any]:
        return dict(zip(classes, values.tolist(), strict=True))

    return {
        "classes": list(classes),
        "counts": {"before": by_class(before), "after": by_class(after)},
        "priors": {"before": by_class(before / before.sum()), "after": by_class(after / after.sum())},
        "made": by_class(made),
        "removed": by_class(removed),
        "strategy": settings.model_dump(mode="json"),
        "plan": {"make": plan.make, "keep": plan.keep},
        "notes": [*_left_to_training(plan, settings), *notes],
    }


def _left_to_training(plan: Plan, settings: AugmentationSettings) -> list[str]:
    if not settings.in_training:
        return []
    return [
        f"class {name!r}: {size} examples are made in training, by {settings.image}, while the backbone is frozen"
        for name, size in plan.make.items()
    ]
