"""Answers of every epoch, of which each record is answered by one that it had no say in choosing."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from models.network.average_precision import MacroAveragePrecision
from models.training.members.assign_folds import assign_folds

_PARTS = 5
# Epochs whose answers are kept, and the most numbers that these take together.
_MOST_NUMBERS = 100_000_000


class EpochAnswers(keras.callbacks.Callback):
    """Keeps what the network answers to the eval records at the end of every epoch.

    The answers are those that the figures of the epoch were computed of, so that nothing is computed twice.

    Attributes:
        epochs: Probabilities of each epoch, float32 `(n, classes)`, in the order of the files; empty where there would
            be too many.
    """

    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[np.ndarray] = []
        self._overflown = False

    def on_epoch_end(self, epoch, logs=None):
        if self._overflown:
            return
        [kept] = [one for one in _metrics(self.model) if isinstance(one, MacroAveragePrecision)]
        scores = kept.answers()
        self._overflown = (len(self.epochs) + 1) * scores.size > _MOST_NUMBERS
        self.epochs = [] if self._overflown else [*self.epochs, scores]


def _metrics(model: keras.Model) -> Iterator[Any]:
    for metric in model.metrics:
        yield metric
        # Keras 3 keeps those it compiled in one.
        yield from getattr(metric, "metrics", ())


def answers_of_chosen_epochs(
    epochs: list[np.ndarray], labels: np.ndarray, units: np.ndarray, seed: int
) -> np.ndarray:
    """Chooses an epoch for each part of the records by macro-F1 on all others, and puts its answers together.

    An epoch that is chosen by the very records that it is judged by looks better than it is, and the more so, the more
    its figures jump from epoch to epoch: a strategy would seem to pay because it is restless.

    Reference: Varma and Simon, "Bias in Error Estimation When Using Cross-Validation for Model Selection", 2006,
    https://doi.org/10.1186/1471-2105-7-91

    Args:
        epochs: Probabilities of each epoch, `(n, classes)`, at least one.
        labels: Class indices, int `(n,)`.
        units: Number of the set that each record belongs to, 0 for one on its own; sets stay together.
        seed: Decides the parts.

    Returns:
        Probabilities, `(n, classes)`.
    """
    keys = [str(row).encode() for row in range(len(labels))]
    parts = assign_folds(labels, units, keys, _PARTS, seed)
    if not parts.any():
        return epochs[int(np.argmax([_macro_f1(one, labels) for one in epochs]))]
    answers = np.empty_like(epochs[0])
    for part in np.unique(parts):
        inside, others = parts == part, parts != part
        scores = [_macro_f1(one[others], labels[others]) for one in epochs]
        answers[inside] = epochs[int(np.argmax(scores))][inside]
    return answers


def _macro_f1(probabilities: np.ndarray, labels: np.ndarray) -> float:
    num_classes = probabilities.shape[1]
    decisions = probabilities.argmax(axis=1)
    hits = np.bincount(labels[labels == decisions], minlength=num_classes)
    whole = np.bincount(labels, minlength=num_classes) + np.bincount(decisions, minlength=num_classes)
    return float(np.mean(2 * hits[whole > 0] / whole[whole > 0]))
