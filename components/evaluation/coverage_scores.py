"""Coverage and size of prediction sets on test, class by class."""

import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.intervals import wilson_rate
from core.documents.decision import CoverageFigures
from core.documents.decision_scores import ClassCoverage, CoverageScores


def coverage_scores(records: AnsweredRecords, figures: CoverageFigures) -> CoverageScores:
    """Counts how often the sets hold the true class, and how many classes they hold.

    Args:
        records: The test records, at least one.
        figures: The thresholds.
    """
    # As the graph compares them.
    thresholds = np.array([figures.thresholds[name] for name in records.classes], np.float32)
    sets = records.probabilities.astype(np.float32) >= thresholds
    held, sizes = sets[np.arange(len(sets)), records.labels], sets.sum(axis=1)
    return CoverageScores(
        n=len(sets),
        asked=figures.coverage,
        covered=wilson_rate(int(held.sum()), len(sets)),
        mean_size=float(sizes.mean()),
        empty=int((sizes == 0).sum()),
        single=int((sizes == 1).sum()),
        per_class={
            name: _of_class(records.labels == index, held, sizes)
            for index, name in enumerate(records.classes)
        },
    )


def _of_class(mine: np.ndarray, held: np.ndarray, sizes: np.ndarray) -> ClassCoverage:
    support = int(mine.sum())
    return ClassCoverage(
        support=support,
        covered=wilson_rate(int((mine & held).sum()), support),
        mean_size=float(sizes[mine].mean()) if support else None,
    )
