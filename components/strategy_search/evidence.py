"""Evidence on strategies: paired differences to a baseline, intervals of all of them at once, and a word for each.

Two things are left to chance: which records a strategy is judged by, and the seed of its training. Networks of several
seeds answer the same records, so that neither is in the spread of the other. An interval is

    middle +- t * sqrt(spread by records ** 2 + variance by seed / seeds)

- The spread by records is that of the mean over the seeds on bootstrap resamples of the records, drawn within each
  class, the same for both sides and all seeds.
- The variance by seed is that of the differences of one strategy, or the mean one of all, whichever is larger: two or
  three seeds may agree by chance. What of it the spread by records holds already, as each network errs on other
  records, is taken off: resamples of one seed alone spread by that much more than those of the mean.
- t is Student's quantile, with the degrees of freedom that Welch and Satterthwaite give the sum, at 5 % shared out over
  all that were looked at (Bonferroni), so that the intervals hold together.
- For its middle and the spread by records each class has two records more, one that only the strategy gets right and
  one that only the baseline does: three hits out of three are no certainty.

A strategy pays where macro-F1 and balanced accuracy both lie above the baseline's. Balanced accuracy alone misses
precision, and macro-F1 alone rises where a network that has learnt nothing guesses the rare class now and then. As both
must hold, neither needs a correction for the other.

References:
    Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13;
    Bouthillier et al., "Accounting for Variance in Machine Learning Benchmarks", 2021,
    https://arxiv.org/abs/2103.03098;
    Satterthwaite, "An Approximate Distribution of Estimates of Variance Components", 1946;
    Dunn, "Multiple Comparisons Among Means", 1961;
    Agresti and Min, "Simple Improved Confidence Intervals for Comparing Matched Proportions", 2005;
    Berger, "Multiparameter Hypothesis Testing and Acceptance Sampling", 1982.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from components.evaluation.answered_records import Answers
from components.evaluation.bootstrap import num_resamples
from components.evaluation.resampled_figures import Tail, figures, resample_counts
from core.documents.strategies import PAYS_BY, FigureDifference, Verdict

_ERROR_RATE = 0.05
_MANY_DEGREES = 1e9  # As good as infinitely many.
_RESAMPLED, _FEWEST, _MOST = 2_000_000, 100, 500


@dataclass(frozen=True)
class Judged:
    """The records that strategies are judged by.

    Attributes:
        labels: Class indices, int `(n,)`.
        units: Number of the set that each record belongs to, int `(n,)`, 0 for one on its own; None where all are.
        tail: What the figures of the long tail go by.
        seed: Decides the resamples.
    """

    labels: np.ndarray
    units: np.ndarray | None
    tail: Tail
    seed: int = 0


@dataclass(frozen=True)
class Evidence:
    """What is known of a strategy.

    Attributes:
        differences: Figure to the difference to the baseline.
        verdict: What follows.
    """

    differences: Mapping[str, FigureDifference]
    verdict: Verdict


# The answers of a network of each seed, by the seed's number.
BySeed = Mapping[int, Answers]


def judge(
    records: Judged,
    baseline: BySeed,
    strategies: Mapping[str, BySeed],
    looked_at: int | None = None,
    names: Sequence[str] | None = None,
) -> dict[str, Evidence]:
    """Holds strategies against a baseline.

    Args:
        records: What they answered to.
        baseline: The baseline's answers.
        strategies: Those of each strategy; every one has a seed in common with the baseline.
        looked_at: Number of strategies that the 5 % are shared out over; None is that of those given.
        names: Figures wanted, with those that decide among them; None is all.

    Returns:
        Strategy to evidence.
    """
    if not strategies:
        return {}
    bench = _Bench(records, names)
    held = {seed: bench.measured(answers, rights=0) for seed, answers in baseline.items()}
    measured = {
        name: _differences(
            held, {seed: bench.measured(own, rights=1) for seed, own in answers.items() if seed in held}
        )
        for name, answers in strategies.items()
    }
    share = _ERROR_RATE / max(looked_at or 0, len(strategies))
    found = {}
    for name, differences in measured.items():
        intervals = {
            figure: _interval(difference, [other[figure] for other in measured.values()], share)
            for figure, difference in differences.items()
        }
        found[name] = Evidence(intervals, verdict_of(intervals))
    return found


def verdict_of(differences: Mapping[str, FigureDifference]) -> Verdict:
    """Says what follows from the intervals: pays where both figures rise, hurts where macro-F1 falls."""
    lows, highs = ([getattr(differences[name], end) for name in PAYS_BY] for end in ("low", "high"))
    if all(low is not None and low > 0 for low in lows):
        return "pays"
    if highs[0] is not None and highs[0] < 0:
        return "hurts"
    return "cannot be told"


@dataclass(frozen=True)
class _Difference:
    """Differences of one figure.

    Attributes:
        by_seed: On the records, `(seeds,)`.
        added: With the records added, `(seeds,)`.
        resampled: On resamples of them, `(seeds, resamples)`.
    """

    by_seed: np.ndarray
    added: np.ndarray
    resampled: np.ndarray

    @property
    def variance_by_seed(self) -> float | None:
        """Of one seed, but for what it errs on other records than the next; may come out below 0. None of one seed."""
        seeds = len(self.by_seed)
        if seeds < 2:
            return None
        of_each = float(np.var(self.resampled, axis=1, ddof=1).mean())
        by_other_records = (of_each - self.variance_by_records) * seeds / (seeds - 1)
        return float(np.var(self.by_seed, ddof=1)) - by_other_records

    @property
    def variance_by_records(self) -> float:
        """Of the mean over the seeds."""
        return float(np.var(self.resampled.mean(axis=0), ddof=1))


# The figures of a network, on the records as they are and on resamples of them.
_Measured = tuple[dict[str, np.ndarray], dict[str, np.ndarray]]


class _Bench:
    """Records and resamples of them, on which all networks are measured alike."""

    def __init__(self, records: Judged, names: Sequence[str] | None):
        self._records = records
        self._names = names
        self._added = np.repeat(np.unique(records.labels), 2)
        self._labels = np.append(records.labels, self._added)
        units = (
            None if records.units is None else np.append(records.units, np.zeros(len(self._added), np.int64))
        )
        count = num_resamples(_RESAMPLED, len(self._labels), _FEWEST, _MOST)
        resampled = resample_counts(self._labels, units, count, records.seed)
        # The first are all records as they are.
        self._weights = np.array([np.ones(len(self._labels), np.int64), *resampled])

    def measured(self, answers: Answers, rights: int) -> _Measured:
        """Computes the figures of a network.

        Args:
            answers: To the records.
            rights: Which of the two records that each class has more it gets right, 0 or 1.
        """
        records, once = self._records, np.ones((1, len(self._records.labels)))
        return (
            figures(records.labels, answers, once, records.tail, self._names),
            figures(
                self._labels, self._with_added(answers, rights), self._weights, records.tail, self._names
            ),
        )

    def _with_added(self, answers: Answers, rights: int) -> Answers:
        others = np.where(self._added == 0, 1, 0)
        is_right = np.arange(len(self._added)) % 2 == rights
        decisions = np.where(is_right, self._added, others)
        certain = np.eye(answers.probabilities.shape[1])[decisions]
        return Answers(
            np.append(answers.decisions, decisions), np.concatenate([answers.probabilities, certain])
        )


def _differences(baseline: Mapping[int, _Measured], own: Mapping[int, _Measured]) -> dict[str, _Difference]:
    seeds = sorted(own)
    first = baseline[seeds[0]][0]
    found = {}
    for name in first:
        by_seed = np.concatenate([own[seed][0][name] - baseline[seed][0][name] for seed in seeds])
        added = np.array([own[seed][1][name] - baseline[seed][1][name] for seed in seeds])
        found[name] = _Difference(by_seed, added[:, 0], added[:, 1:])
    return found


def _interval(own: _Difference, all_of_figure: Sequence[_Difference], share: float) -> FigureDifference:
    value = float(np.mean(own.by_seed))
    variances = [one.variance_by_seed for one in all_of_figure]
    known = [variance for variance in variances if variance is not None and np.isfinite(variance)]
    by_records = own.variance_by_records
    if not np.isfinite(value):
        return FigureDifference(value=None, low=None, high=None)
    if not known or not np.isfinite(by_records):
        return FigureDifference(value=value, low=None, high=None)
    pooled, seeds = float(np.mean(known)), len(own.by_seed)
    by_seed = max(own.variance_by_seed or 0.0, pooled, 0.0) / seeds
    freedom = sum(len(one.by_seed) - 1 for one in all_of_figure if one.variance_by_seed is not None)
    whole = by_records + by_seed
    degrees = whole**2 / (by_seed**2 / freedom) if by_seed > 0 else np.inf
    margin = float(stdtrit(min(degrees, _MANY_DEGREES), 1 - share / 2) * np.sqrt(whole))
    middle = float(own.added.mean())
    return FigureDifference(value=value, low=middle - margin, high=middle + margin)
