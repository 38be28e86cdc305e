"""Measures how much better the best trial of a search is than the experiment's own settings, with an interval."""

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from tfx.dsl.io import fileio

from components.evaluation.classification_metrics import average_precision, confusion_margins
from components.evaluation.objectives import balanced_accuracy, macro_f1
from core.documents.tuning import SearchGain
from core.file_names import BEST_ANSWERS, OWN_ANSWERS

_RESAMPLES = 1000
_RECORDS_RESAMPLED = 2_000_000


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
    score = _SCORES.get(objective)
    if score is None:
        return None

    def difference(rows: np.ndarray) -> float:
        ours, theirs = (score(one.labels[rows], one.probabilities[rows]) for one in (own, best))
        return theirs - ours

    drawn = [difference(rows) for rows in _resamples(own.labels, seed)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    whole = difference(np.arange(len(own.labels)))
    return SearchGain(gain=float(whole), low=float(low), high=float(high))


def _resamples(labels: np.ndarray, seed: int) -> Iterator[np.ndarray]:
    of_class = [np.flatnonzero(labels == index) for index in np.unique(labels)]
    random = np.random.default_rng(seed)
    for _ in range(int(np.clip(_RECORDS_RESAMPLED // len(labels), 100, _RESAMPLES))):
        yield np.concatenate([random.choice(rows, len(rows)) for rows in of_class])


def _margins(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return confusion_margins(labels, probabilities.argmax(axis=1), probabilities.shape[1])


def _accuracy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return float((probabilities.argmax(axis=1) == labels).mean())


def _balanced_accuracy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return float(balanced_accuracy(*_margins(labels, probabilities)))


def _macro_f1(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return float(macro_f1(*_margins(labels, probabilities)))


def _average_precision(labels: np.ndarray, probabilities: np.ndarray) -> float:
    # The classes stand in the order of their counts: the second of two is the rarer one.
    return average_precision(labels == 1, probabilities[:, 1]) or 0.0


def _macro_average_precision(labels: np.ndarray, probabilities: np.ndarray) -> float:
    found = [average_precision(labels == index, probabilities[:, index]) for index in np.unique(labels)]
    return float(np.mean([value for value in found if value is not None]))


_SCORES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "val_accuracy": _accuracy,
    "val_balanced_accuracy": _balanced_accuracy,
    "val_macro_f1": _macro_f1,
    "val_average_precision": _average_precision,
    "val_macro_average_precision": _macro_average_precision,
}


def _read(path: str) -> TrialAnswers | None:
    if not fileio.exists(path):
        return None
    with fileio.open(path, "rb") as handle:
        arrays: Any = np.load(io.BytesIO(handle.read()))
        return TrialAnswers(arrays["labels"], arrays["probabilities"])
