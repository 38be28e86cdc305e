"""What the promotion gate asked, and what changed for each class since the last blessed model."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.paired_recall import paired_recall
from components.evaluation.promotion_gate import CHECK_TITLES


def lay_out(conditions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Puts the conditions that failed first, and names each check in words under `title`."""
    ordered = sorted(conditions, key=lambda condition: condition["passed"])
    return [
        {**condition, "title": CHECK_TITLES.get(condition["check"], condition["check"])}
        for condition in ordered
    ]


@dataclass(frozen=True)
class ClassChange:
    """A class's recall on the same test records with the last blessed model and with this one.

    Attributes:
        name: The class.
        support: Its test records.
        before: Recall of the last blessed model, None without records.
        now: Recall of this model, or None.
        lost: Records that only the last one got right.
        gained: Records that only this one gets right.
    """

    name: str
    support: int
    before: float | None
    now: float | None
    lost: int
    gained: int


def changes(records: AnsweredRecords, names: list[str]) -> list[ClassChange]:
    """Compares the models class by class; empty without a last blessed one.

    Args:
        records: The test records.
        names: Classes in the order wanted.
    """
    if records.baseline_decisions is None:
        return []
    found = []
    for name in names:
        index = records.classes.index(name)
        recall = paired_recall(records.labels, records.baseline_decisions, records.decisions, index)
        before, now = _share(recall.before), _share(recall.now)
        found.append(ClassChange(name, recall.support, before, now, recall.lost, recall.gained))
    return found


def _share(right: np.ndarray) -> float | None:
    return float(right.mean()) if len(right) else None
