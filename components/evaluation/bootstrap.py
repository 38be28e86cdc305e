"""Bootstrap resamples and the intervals between their quantiles.

Reference:
    Efron and Tibshirani (1993), "An Introduction to the Bootstrap".
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

_QUANTILES_95 = (0.025, 0.5, 0.975)
# Of a paired comparison: so many resamples at most, and fewer where each has many records.
_PAIRED_RESAMPLES, _FEWEST_PAIRED = 1000, 100
_PAIRED_RECORDS = 2_000_000

# Takes the rows of a resample, int `(rows,)`, to one model's scores on them, float `(scores,)`.
Scores = Callable[[np.ndarray], Sequence[float]]


@dataclass(frozen=True)
class Difference:
    """A score of two models and what lies between them.

    Attributes:
        first: The first model's.
        second: The second model's.
        low: Lower end of the 95 % interval of `second - first`.
        high: Its upper end.
    """

    first: float
    second: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


def num_resamples(budget: int, size: int, fewest: int, most: int) -> int:
    """Returns how many resamples of a size fit a budget, but no fewer and no more than given."""
    return int(np.clip(budget // size, fewest, most))


def stratified_resamples(labels: np.ndarray, count: int, seed: int) -> Iterator[np.ndarray]:
    """Draws records with replacement within each class, so that every class keeps its number.

    Args:
        labels: Class indices, int `(n,)`.
        count: Number of resamples.
        seed: Decides them.

    Yields:
        Rows, int `(n,)`, class after class.
    """
    of_class = [np.flatnonzero(labels == index) for index in np.unique(labels)]
    random = np.random.default_rng(seed)
    for _ in range(count):
        yield np.concatenate([random.choice(rows, len(rows)) for rows in of_class])


def resample_weights(num_records: int, count: int, seed: int) -> Iterator[np.ndarray]:
    """Draws records with replacement from all of them, and yields how often each was drawn, int `(n,)`."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        yield np.bincount(random.integers(num_records, size=num_records), minlength=num_records)


def resampled_confusions(
    confusion: np.ndarray, decided: np.ndarray, count: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Draws the rates of labelled records and the decisions on other ones.

    The decisions are drawn by the bootstrap. A rare class has few labelled records, of which the bootstrap would
    draw 3 hits out of 3 for ever; its rates are drawn by the Bayesian bootstrap, from a Dirichlet distribution
    with one record more, spread over the decisions.

    Reference:
        Rubin (1981), "The Bayesian bootstrap", https://doi.org/10.1214/aos/1176345338

    Args:
        confusion: Counts of labelled records by class (row) and decision, `(classes, classes)`.
        decided: Counts of the other records by decision, `(classes,)`.
        count: Number of resamples.
        seed: Decides them.

    Yields:
        Rates, float `(classes, classes)`, and counts, int `(classes,)`.
    """
    random, num_classes = np.random.default_rng(seed), len(confusion)
    for _ in range(count):
        rates = np.array([random.dirichlet(row + 1 / num_classes) for row in confusion])
        yield rates, random.multinomial(decided.sum(), decided / decided.sum())


def quantiles_95(drawn: Sequence[np.ndarray] | Sequence[Sequence[float]]) -> np.ndarray:
    """Returns the 2.5 %, 50 % and 97.5 % quantiles over resamples.

    Args:
        drawn: A figure or several of each resample, `(resamples, figures)`.

    Returns:
        Float `(3, figures)`.
    """
    return np.quantile(drawn, _QUANTILES_95, axis=0)


def paired_differences(first: Scores, second: Scores, labels: np.ndarray, seed: int) -> list[Difference]:
    """Compares the scores of two models on the same records.

    The intervals are quantiles over bootstrap resamples of the records, drawn within each class, the same
    records for both models: what makes a record hard is hard for both, and cancels.

    Reference:
        Efron and Tibshirani (1993), chapter 13.

    Args:
        first: The one model's scores.
        second: The other's.
        labels: Class indices, int `(n,)`.
        seed: Decides the resamples.

    Returns:
        One difference a score, in their order.
    """
    size = len(labels)
    count = num_resamples(_PAIRED_RECORDS, size, _FEWEST_PAIRED, _PAIRED_RESAMPLES)
    drawn = [np.subtract(second(rows), first(rows)) for rows in stratified_resamples(labels, count, seed)]
    low, _, high = quantiles_95(drawn).tolist()
    everything = np.arange(size)
    columns = zip(first(everything), second(everything), low, high, strict=True)
    return [Difference(*map(float, column)) for column in columns]
