"""Figures of a classifier on many resamples of its records at once, with the figures of the long tail."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from components.evaluation.answered_records import Answers
from components.evaluation.bootstrap import stratified_resamples
from components.evaluation.confusion import ClassMargins
from components.evaluation.objectives import balanced_accuracy, macro_f1

# Records of train of a class of many, and of one of few.
_MANY, _FEW = 100, 20


@dataclass(frozen=True)
class Tail:
    """What of the classes the figures of the long tail go by.

    Many are classes of more than 100 records of train, few those of less than 20, and medium the others.

    Reference: Liu et al., "Large-Scale Long-Tailed Recognition in an Open World", 2019,
    https://arxiv.org/abs/1904.05160

    Attributes:
        counts: Records of each class in train, int `(classes,)`.
    """

    counts: np.ndarray

    @property
    def rarest(self) -> int:
        """Index of the rarest class; of equals the last."""
        return len(self.counts) - 1 - int(np.argmin(self.counts[::-1]))

    @property
    def groups(self) -> Mapping[str, np.ndarray]:
        """Name of each group to whether a class is in it, bool `(classes,)`; groups without a class are left out."""
        many, few = self.counts > _MANY, self.counts < _FEW
        groups = {"many": many, "medium": ~many & ~few, "few": few}
        return {name: members for name, members in groups.items() if members.any()}


def resample_counts(
    labels: np.ndarray, units: np.ndarray | None, count: int, seed: int
) -> Iterator[np.ndarray]:
    """Draws records with replacement, and yields how often each was drawn, int `(n,)`.

    Records are drawn within each class. Those that belong together are drawn together, and stand in the class of the
    rarest of them, which is the one of the highest index.

    Args:
        labels: Class indices, int `(n,)`.
        units: Number of the set that each record belongs to, int `(n,)`, 0 for one on its own; None where all are.
        count: Number of resamples.
        seed: Decides them.
    """
    if units is None or not units.any():
        for rows in stratified_resamples(labels, count, seed):
            yield np.bincount(rows, minlength=len(labels))
        return
    own = np.where(units > 0, units, -1 - np.arange(len(units)))
    _, of_record = np.unique(own, return_inverse=True)
    strata = np.zeros(of_record.max() + 1, np.int64)
    np.maximum.at(strata, of_record, labels)
    for drawn in stratified_resamples(strata, count, seed):
        yield np.bincount(drawn, minlength=len(strata))[of_record]


def figures(
    labels: np.ndarray, answers: Answers, weights: np.ndarray, tail: Tail, names: Sequence[str] | None = None
) -> dict[str, np.ndarray]:
    """Computes the figures of weighted records.

    Args:
        labels: Class indices, int `(n,)`.
        answers: To the records.
        weights: How often each record counts, `(resamples, n)`.
        tail: What the figures of the long tail go by.
        names: Figures wanted; None is all.

    Returns:
        Name to the figure of every resample, float `(resamples,)`, NaN where it is undefined: `macro_f1`,
        `balanced_accuracy`, `average_precision` of the rarest class, `worst_recall`, and the mean recall of the classes
        of `many`, `medium` and `few` records, as far as there are such.
    """
    classes = np.arange(len(tail.counts))
    weights = weights.astype(np.float64)
    truly, decided = labels[:, None] == classes, answers.decisions[:, None] == classes
    support = weights @ truly
    margins = ClassMargins(weights @ (truly & decided), weights @ decided, support)
    recall = margins.recall
    found = {
        "macro_f1": macro_f1(margins),
        "balanced_accuracy": balanced_accuracy(margins),
        "worst_recall": np.nanmin(recall, axis=1),
        **{name: _mean(recall[:, members]) for name, members in tail.groups.items()},
    }
    if names is None or "average_precision" in names:
        found["average_precision"] = average_precisions(
            labels == tail.rarest, answers.probabilities[:, tail.rarest], weights
        )
    return found if names is None else {name: found[name] for name in names if name in found}


def average_precisions(positive: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Computes the average precision of weighted records, one a resample, as `average_precision` does of one.

    Args:
        positive: Bools, `(n,)`.
        scores: Floats, `(n,)`; larger means more likely positive.
        weights: How often each record counts, `(resamples, n)`.

    Returns:
        Float `(resamples,)`; NaN without a positive.
    """
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    drawn = weights[:, order]
    hits, decided = (np.cumsum(values, axis=1)[:, ends] for values in (drawn * positive[order], drawn))
    precision = np.divide(hits, decided, out=np.zeros_like(hits), where=decided > 0)
    gained = np.diff(hits, axis=1, prepend=0.0)
    total = hits[:, -1]
    return np.divide(
        (gained * precision).sum(axis=1), total, out=np.full(len(total), np.nan), where=total > 0
    )


def _mean(values: np.ndarray) -> np.ndarray:
    defined = ~np.isnan(values)
    counts = defined.sum(axis=1)
    sums = np.where(defined, values, 0).sum(axis=1)
    return np.divide(sums, counts, out=np.full(len(values), np.nan), where=counts > 0)
