"""Comparison of two models by their answers to the same records, with intervals."""

from collections.abc import Sequence

import numpy as np

from components.evaluation.answered_records import Answers
from components.evaluation.bootstrap import Difference, Scores, paired_differences
from components.evaluation.labelled_predictions import LabelledPredictions
from components.evaluation.summary_metrics import SUMMARY_METRICS

SCORES = tuple(name for name, metric in SUMMARY_METRICS.items() if metric.compared)


def compare(
    classes: Sequence[str], labels: np.ndarray, first: Answers, second: Answers, seed: int = 0
) -> dict[str, Difference]:
    """Compares two models by every score in SCORES and every class's recall; see `paired_differences`.

    Args:
        classes: Class names in index order.
        labels: Class indices, int `(n,)`; classes without a record are left out.
        first: One model's answers, decisions -1 for a class that is not among these.
        second: The other's.
        seed: Decides the resamples.

    Returns:
        Score, or "recall of <class>", to difference.
    """
    names = [*SCORES, *(f"recall of {classes[index]}" for index in np.unique(labels))]
    differences = paired_differences(_scores(labels, first), _scores(labels, second), labels, seed)
    return dict(zip(names, differences, strict=True))


def _scores(labels: np.ndarray, answers: Answers) -> Scores:
    def scores(rows: np.ndarray) -> list[float]:
        predictions = LabelledPredictions(labels[rows], answers.probabilities[rows], answers.decisions[rows])
        summary = [SUMMARY_METRICS[name].resampled(predictions) for name in SCORES]
        return [*summary, *(recall for recall in predictions.recalls if recall is not None)]

    return scores
