"""Share of the test records that a model calls unknown, class by class."""

import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.intervals import wilson_rate
from core.documents.unknown import ClassUnknown, UnknownFigures, UnknownScores


def unknown_scores(records: AnsweredRecords, figures: UnknownFigures) -> UnknownScores | None:
    """Counts the test records that are called unknown: all are of known classes, so that each is a false alarm.

    Args:
        records: The test records, at least one.
        figures: How the model tells what is unknown.

    Returns:
        None of a model that calls nothing unknown.
    """
    unknown, unlikeness = records.unknown, records.unlikeness
    if unknown is None or unlikeness is None:
        return None
    return UnknownScores(
        n=len(unknown),
        asked=figures.max_false_alarm,
        threshold=figures.threshold,
        held_out=figures.held_out,
        unknown=wilson_rate(int(unknown.sum()), len(unknown)),
        per_class={
            name: _of_class(records.labels == index, unknown, unlikeness)
            for index, name in enumerate(records.classes)
        },
    )


def _of_class(mine: np.ndarray, unknown: np.ndarray, unlikeness: np.ndarray) -> ClassUnknown:
    support = int(mine.sum())
    return ClassUnknown(
        support=support,
        unknown=wilson_rate(int((mine & unknown).sum()), support),
        median=float(np.median(unlikeness[mine])) if support else None,
    )
