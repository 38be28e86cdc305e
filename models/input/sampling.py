"""Draws of an epoch: how many of each class, and which of its records."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.catalogue.row import names_of
from models.catalogue.sampling import REVERSED, SAMPLINGS

_ROWS = (*SAMPLINGS, REVERSED)


def class_probabilities(sampling: str, class_counts: np.ndarray, progress: float) -> np.ndarray:
    """Computes the probability that a draw is of each class.

    With n the counts, N their sum and C the number of classes:

        natural         n / N
        sqrt            sqrt(n) / sum(sqrt(n))
        class_balanced  1 / C
        progressive     (1 - progress) n / N + progress / C
        reversed        (1 / n) / sum(1 / n)

    Args:
        sampling: A name of the catalogue's SAMPLINGS, or `reversed`.
        class_counts: Numbers of records, `(num_classes,)`, each above 0.
        progress: Float in [0, 1]: 0 in the first epoch, 1 in the last.

    Returns:
        float64 `(num_classes,)`, of sum 1.

    Raises:
        ValueError: The sampling is not known, or a class has no record.

    Reference:
        Kang et al., "Decoupling Representation and Classifier for Long-Tailed Recognition", 2020,
        https://arxiv.org/abs/1910.09217, section 3 (q = 1, 0, 1/2, and progressively balanced);
        Zhou et al., "BBN", 2020, https://arxiv.org/abs/1912.02413, section 4.2 (reversed).

    Example: counts `[90, 10]` are drawn as `[.75, .25]` by sqrt, and as `[.1, .9]` by reversed.
    """
    counts = np.asarray(class_counts, np.float64)
    if counts.ndim != 1 or not len(counts) or (counts <= 0).any():
        raise ValueError(
            "`class_counts` must hold a number above 0 for every class. Received: "
            f"class_counts={np.asarray(class_counts).tolist()}. Drop the classes without a record."
        )
    row = {row.name: row for row in _ROWS}.get(sampling)
    if row is None:
        raise ValueError(
            f"`sampling` must be one of {', '.join(names_of(_ROWS))}. Received: sampling={sampling!r}"
        )
    first = _shares(counts, row.exponent)
    if row.last_exponent is None:
        return first
    return (1 - progress) * first + progress * _shares(counts, row.last_exponent)


def _shares(counts: np.ndarray, exponent: float) -> np.ndarray:
    weights = counts**exponent
    return weights / weights.sum()


def draws_per_class(probabilities: np.ndarray, total: int, offset: float) -> np.ndarray:
    """Rounds the expected draws `total * probabilities` to whole numbers of the same sum.

    Systematic rounding: with s the running sums of the expectations, class c gets
    `floor(s_c + offset) - floor(s_{c-1} + offset)`. Each is within one of its expectation, and equal to it
    on average over offsets uniform in [0, 1).

    Args:
        probabilities: float `(num_classes,)`, of sum 1.
        total: Draws in an epoch.
        offset: Float in [0, 1).

    Returns:
        int64 `(num_classes,)`, of sum `total`.

    Example: probabilities `[.5, .25, .25]` and 10 draws give `[5, 2, 3]` at offset 0, `[5, 3, 2]` at .5.
    """
    sums = np.concatenate([[0.0], np.cumsum(probabilities)]) * total
    sums[-1] = total  # Rounding errors in the sum must not cost a draw.
    return np.diff(np.floor(sums + offset)).astype(np.int64)


def drawn_positions(labels: np.ndarray, draws: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draws records at random, from every class the number asked for.

    Within a class every record is drawn the same number of times, or once more than others.

    Args:
        labels: Class indices, int `(records,)`.
        draws: Number of draws of every class, int `(num_classes,)`.
        random: Decides which records, and the order.

    Returns:
        Positions in `labels`, int64 `(sum of draws,)`, in random order.
    """
    order = random.permutation(len(labels))
    by_class = order[np.argsort(labels[order], kind="stable")]
    members = np.split(by_class, np.cumsum(np.bincount(labels, minlength=len(draws)))[:-1])
    drawn = [np.resize(each, count) for each, count in zip(members, draws, strict=True)]
    return random.permutation(np.concatenate(drawn)).astype(np.int64)


@dataclass(frozen=True)
class Draws:
    """The draws of every epoch; each epoch has as many as there are records.

    Attributes:
        class_counts: Numbers of records, one for each class, each above 0.
        sampling: A name of the catalogue's SAMPLINGS, or `reversed`.
        epochs: Number of epochs that `progressive` is spread over.
        seed: Decides every draw, together with the number of the epoch.
        stream: Tells apart draws that are made side by side.
    """

    class_counts: Sequence[int]
    sampling: str
    epochs: int
    seed: int
    stream: int = 0

    def __post_init__(self) -> None:
        class_probabilities(self.sampling, np.asarray(self.class_counts), 0.0)

    @property
    def total(self) -> int:
        return int(np.sum(self.class_counts))

    def probabilities(self, epoch: int) -> np.ndarray:
        """Computes the probability of every class in an epoch, counted from 0: float64 `(num_classes,)`."""
        progress = min(epoch / max(self.epochs - 1, 1), 1.0)
        return class_probabilities(self.sampling, np.asarray(self.class_counts), progress)

    def per_class(self, epoch: int) -> np.ndarray:
        """Says how many records of each class an epoch draws: int64 `(num_classes,)`."""
        if self.sampling == "natural":
            return np.asarray(self.class_counts, np.int64)
        return draws_per_class(self.probabilities(epoch), self.total, self._random(epoch).random())

    def positions(self, labels: np.ndarray, epoch: int) -> np.ndarray:
        """Draws an epoch from records whose labels are all known: see `drawn_positions`."""
        random = self._random(epoch)
        random.random()  # Spent on `per_class`.
        return drawn_positions(np.asarray(labels), self.per_class(epoch), random)

    def phases(self, epoch: int) -> np.ndarray:
        """Makes where in each class systematic draws from a stream begin: int64 in [0, class count)."""
        random = self._random(epoch)
        random.random()
        return random.integers(0, np.asarray(self.class_counts, np.int64))

    def _random(self, epoch: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, int(epoch), self.stream])
