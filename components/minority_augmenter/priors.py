"""What augmentation did to the classes, for those who must know: calibration, the report, people."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from components.minority_augmenter.plan import Plan
from components.minority_augmenter.settings import AugmentationSettings


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
        plan: What was to be done.
        settings: What was asked for.
        notes: What was done otherwise, a sentence each.

    Returns:
        `classes`, in the order of the model's outputs; `counts` and `priors`, each `before` and `after` by
        class, priors in [0, 1] with sum 1; `made` and `removed` by class; `strategy`, `plan` and `notes`.
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
        "notes": list(notes),
    }
