"""Paired differences between two classifiers: over splits of a table, and over the test records of one split."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from benchmarks.rivals.answers import Answers, figures_of
from components.evaluation.bootstrap import Difference, paired_differences

FIGURES = ("average_precision", "macro_f1", "log_loss")


@dataclass(frozen=True)
class MeanDifference:
    """The mean of differences over seeds.

    Attributes:
        mean: Of ours less the other's.
        low: Lower end of the 95 % interval; NaN of a single seed.
        high: Its upper end.
    """

    mean: float
    low: float
    high: float

    def shown(self) -> str:
        """Writes it with its interval; a star where that leaves out 0."""
        if math.isnan(self.low):
            return f"{self.mean:+.3f}"
        star = " *" if self.low > 0 or self.high < 0 else ""
        return f"{self.mean:+.3f} [{self.low:+.3f}, {self.high:+.3f}]{star}"


def over_seeds(ours: Sequence[float], others: Sequence[float], test_share: float) -> MeanDifference:
    """Returns the mean difference with its 95 % t interval, for splits of one table.

    The splits share records, so that their differences are not independent; the variance of the mean is taken as
    `s**2 (1 / k + test / learnt)` for k splits in place of `s**2 / k`.

    Reference:
        Nadeau and Bengio (2003), Inference for the generalization error, https://doi.org/10.1023/A:1024068626366

    Args:
        ours: Our figure, one a seed.
        others: The other's, of the same seeds.
        test_share: Share of the table that is tested on, in (0, 1).
    """
    differences = [one - other for one, other in zip(ours, others, strict=True)]
    mean, count = statistics.mean(differences), len(differences)
    if count < 2:
        return MeanDifference(mean, math.nan, math.nan)
    spread = statistics.stdev(differences) * math.sqrt(1 / count + test_share / (1 - test_share))
    half = float(student.ppf(0.975, count - 1)) * spread
    return MeanDifference(mean, mean - half, mean + half)


def over_records(is_rare: np.ndarray, ours: Answers, others: Answers, seed: int) -> dict[str, Difference]:
    """Returns the difference of each figure in FIGURES, ours less the other's, by paired bootstrap; see there.

    Args:
        is_rare: Bool `(n,)`.
        ours: Our answers to the test records.
        others: The other's to the same.
        seed: Decides the resamples.
    """

    def scores_of(answers: Answers):
        def scores(rows: np.ndarray) -> list[float]:
            figures = figures_of(is_rare[rows], Answers(answers.rare[rows], answers.decided[rows]))
            return [figures[name] for name in FIGURES]

        return scores

    found = paired_differences(scores_of(others), scores_of(ours), is_rare.astype(np.int64), seed)
    return dict(zip(FIGURES, found, strict=True))


def ahead_and_behind(differences: Sequence[Difference]) -> str:
    """Says in how many splits the interval over the records lies above 0, and in how many below."""
    ahead, behind = (
        sum(sign * one.low > 0 and sign * one.high > 0 for one in differences) for sign in (1, -1)
    )
    return f"{ahead} / {behind} of {len(differences)}"
