"""Error and recall of the records that a model decides on, beside those it leaves to a person."""

import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.intervals import wilson_rate
from core.documents.decision_scores import AbstentionScores, ClassAbstention


def abstention_scores(
    records: AnsweredRecords, deciding: np.ndarray | None, person: float | None
) -> AbstentionScores | None:
    """Counts what the model leaves to a person, and what comes of the rest, class by class.

    Args:
        records: The test records, at least one.
        deciding: What each record's decision costs, float `(n,)`; None where the rule knows no costs.
        person: Cost of leaving a record to a person; None where none was given.

    Returns:
        None of a model that decides on all records.
    """
    abstained = records.abstained
    if abstained is None:
        return None
    right = records.decisions == records.labels
    total, answered = len(right), ~abstained
    mean_costs = {}
    if deciding is not None and person is not None:
        mean_costs = {
            "mean_cost": float(np.where(abstained, person, deciding).mean()),
            "mean_cost_without": float(deciding.mean()),
        }
    return AbstentionScores(
        n=total,
        abstained=wilson_rate(int(abstained.sum()), total),
        error=wilson_rate(int((answered & ~right).sum()), int(answered.sum())),
        error_without=wilson_rate(int((~right).sum()), total),
        **mean_costs,
        per_class={
            name: _of_class(records.labels == index, abstained, right)
            for index, name in enumerate(records.classes)
        },
    )


def _of_class(mine: np.ndarray, abstained: np.ndarray, right: np.ndarray) -> ClassAbstention:
    support, left = int(mine.sum()), int((mine & abstained).sum())
    return ClassAbstention(
        support=support,
        abstained=wilson_rate(left, support),
        recall=wilson_rate(int((mine & ~abstained & right).sum()), support - left),
        recall_without=wilson_rate(int((mine & right).sum()), support),
    )
