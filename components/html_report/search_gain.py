"""Measures how much better the best trial of a search is than the experiment's own settings, with an interval."""

import io
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from tfx.dsl.io import fileio

from components.evaluation.bootstrap import Scores, paired_differences
from components.evaluation.labelled_predictions import LabelledPredictions
from components.evaluation.ranking import average_precision
from components.evaluation.summary_metrics import SUMMARY_METRICS
from core.documents.tuning import SearchGain
from core.file_names import BEST_ANSWERS, OWN_ANSWERS

_EVAL_SPLIT = "val_"
_OF_RARER_CLASS = "average_precision"


@dataclass(frozen=True)
class TrialAnswers:
    """What a trial answered to the eval records.

    Attributes:
        labels: Class indices, int `(n,)`.
        probabilities: Float `(n, num_classes)`; the most probable class is the answer.
    """

    labels: np.ndarray
    probabilities: np.ndarray


def read_gain(folder: str, objective: str) -> SearchGain | None:
    """Reads the answers of two trials, and compares them.

    Args:
        folder: Of the search's results; it may hold `answers_own.npz` and `answers_best.npz`.
        objective: Figure that ranks the trials.

    Returns:
        What `gain` returns; None where a file is missing.
    """
    own, best = (_read(os.path.join(folder, name)) for name in (OWN_ANSWERS, BEST_ANSWERS))
    return None if own is None or best is None else gain(objective, own, best)


def gain(objective: str, own: TrialAnswers, best: TrialAnswers, seed: int = 0) -> SearchGain | None:
    """Compares two trials on the same eval records by what the search was for.

    The interval holds the middle 95 % of bootstrap resamples of the records, drawn within each class, the same
    records for both trials: what makes a record hard is hard for both, and cancels. That the best of many
    trials was chosen by these very records is not in it.

    Reference: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.

    Args:
        objective: val_macro_f1, val_balanced_accuracy, val_accuracy, val_macro_average_precision or
            val_average_precision.
        own: Answers of the trial with the experiment's own settings.
        best: Those of the best trial, to the same records in the same order.
        seed: Decides the resamples.

    Returns:
        Best minus own; None of val_loss, which the answers alone do not decide.
    """
    name = objective.removeprefix(_EVAL_SPLIT)
    if name not in {*SUMMARY_METRICS, _OF_RARER_CLASS}:
        return None
    [found] = paired_differences(_scores(name, own), _scores(name, best), own.labels, seed)
    return SearchGain(gain=found.second - found.first, low=found.low, high=found.high)


def _scores(name: str, answers: TrialAnswers) -> Scores:
    def scores(rows: np.ndarray) -> list[float]:
        probabilities = answers.probabilities[rows]
        predictions = LabelledPredictions(answers.labels[rows], probabilities, probabilities.argmax(axis=1))
        return [_score(name, predictions)]

    return scores


def _score(name: str, predictions: LabelledPredictions) -> float:
    if name == _OF_RARER_CLASS:
        # The classes stand in the order of their counts: the second of two is the rarer one.
        return average_precision(predictions.labels == 1, predictions.probabilities[:, 1]) or 0.0
    return SUMMARY_METRICS[name].resampled(predictions)


def _read(path: str) -> TrialAnswers | None:
    if not fileio.exists(path):
        return None
    with fileio.open(path, "rb") as handle:
        arrays: Any = np.load(io.BytesIO(handle.read()))
        return TrialAnswers(arrays["labels"], arrays["probabilities"])
