"""Scores of consecutive windows of the test records, and whether they fall beyond chance."""

from dataclasses import dataclass

import numpy as np

from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.bootstrap import num_resamples, quantiles_95, resample_weights
from components.evaluation.confusion import ClassMargins
from components.evaluation.intervals import wilson_rate
from components.evaluation.objectives import macro_f1
from components.evaluation.resampled_figures import average_precisions
from core.documents.decision_scores import Rate
from core.documents.time_scores import ScoreTrend, TimeScores, WindowScores
from core.times.written import written_time

_LEVEL = 0.05
# Records that are gone through over all draws, and how many draws that may be.
_RECORDS_DRAWN, _FEWEST_DRAWS, _MOST_DRAWS = 4_000_000, 100, 1000
_NAMES = {"macro_f1": "macro-F1", "average_precision": "average precision of {}", "recall": "recall of {}"}


def windows_of(times: np.ndarray, wanted: int) -> np.ndarray:
    """Cuts records into consecutive windows of about as many records each, those of one time in one window.

    Args:
        times: int64 `(n,)`.
        wanted: Number of windows; there are fewer where there are fewer different times.

    Returns:
        int64 `(n,)`, from 0 in the order of time, without a gap.
    """
    different, place, counts = np.unique(times, return_inverse=True, return_counts=True)
    middles = (np.cumsum(counts) - counts / 2) / len(times)
    window_of_time = np.minimum((middles * wanted).astype(np.int64), wanted - 1)
    window_of_time = np.unique(window_of_time, return_inverse=True)[1]
    windows: np.ndarray = window_of_time[place.reshape(-1)]
    assert len(different) == len(window_of_time)
    return windows


def window_scores(records: AnsweredRecords, times: np.ndarray, wanted: int, rarest: str) -> TimeScores:
    """Scores each window, and tests whether the scores fall from the first to the last.

    The slope of a score over the windows is held against slopes of records whose windows are exchanged within their
    class: each window keeps its number of records of each class, so that it is not the classes' shares that are tested,
    which move average precision by themselves, but how well the records are told apart.

    Args:
        records: The test records, at least one.
        times: int64 `(n,)`, microseconds since 1970.
        wanted: Number of windows.
        rarest: The rarest class.

    Reference:
        Good (2005), "Permutation, Parametric, and Bootstrap Tests of Hypotheses", chapter 3.
    """
    windows, index = windows_of(times, wanted), records.classes.index(rarest)
    scored = _Scored(records.labels, records.candidate.decisions, records.probabilities, index)
    scores = [
        _score(scored.rows(np.flatnonzero(windows == number)), times[windows == number])
        for number in range(int(windows.max()) + 1)
    ]
    trends = _trends(scored, windows)
    return TimeScores(
        rarest=rarest, windows=tuple(scores), trends=trends, sentence=_sentence(trends, scores, rarest)
    )


@dataclass(frozen=True)
class _Scored:
    """Labelled records with their answers; `rarest` is the index of the rarest class."""

    labels: np.ndarray
    decisions: np.ndarray
    probabilities: np.ndarray
    rarest: int

    def rows(self, rows: np.ndarray) -> "_Scored":
        return _Scored(self.labels[rows], self.decisions[rows], self.probabilities[rows], self.rarest)

    def figures(self, weights: np.ndarray) -> np.ndarray:
        """Returns macro-F1, and average precision and recall of the rarest class, float `(weightings, 3)`.

        Args:
            weights: How often each record counts, `(weightings, n)`.
        """
        margins = [self._margins(row) for row in weights]
        positive = self.labels == self.rarest
        if positive.any():
            ranked = average_precisions(
                positive, self.probabilities[:, self.rarest], weights.astype(np.float64)
            )
        else:
            ranked = np.full(len(weights), np.nan)
        macro = np.array([float(macro_f1(one)) for one in margins])
        recalls = np.array([one.recall[self.rarest] for one in margins])
        return np.stack([macro, ranked, recalls], axis=1)

    def _margins(self, weights: np.ndarray) -> ClassMargins:
        # Of as many records as there are, not of a row of classes for each.
        size = self.probabilities.shape[1]
        right, known = self.labels == self.decisions, self.decisions >= 0
        hits = np.bincount(self.labels[right], weights[right], size)
        decided = np.bincount(self.decisions[known], weights[known], size)
        return ClassMargins(hits, decided, np.bincount(self.labels, weights, size))


def _score(window: _Scored, times: np.ndarray) -> WindowScores:
    size = len(times)
    values = window.figures(np.ones((1, size)))[0]
    count = num_resamples(_RECORDS_DRAWN, size, _FEWEST_DRAWS, _MOST_DRAWS)
    drawn = np.concatenate(
        [window.figures(weights[np.newaxis]) for weights in resample_weights(size, count, seed=0)]
    )
    positive = window.labels == window.rarest
    return WindowScores(
        begin=written_time(int(times.min())),
        end=written_time(int(times.max())),
        n=size,
        support=int(positive.sum()),
        macro_f1=_rate(values[0], drawn[:, 0]),
        average_precision=_rate(values[1], drawn[:, 1]),
        recall=wilson_rate(int((positive & (window.decisions == window.rarest)).sum()), int(positive.sum())),
    )


def _rate(value: float, drawn: np.ndarray) -> Rate:
    defined = drawn[~np.isnan(drawn)]
    if np.isnan(value) or not len(defined):
        return Rate(value=None, low=None, high=None)
    low, _, high = quantiles_95(defined[:, np.newaxis])[:, 0].tolist()
    return Rate(value=float(value), low=low, high=high)


def _trends(scored: _Scored, windows: np.ndarray) -> dict[str, ScoreTrend]:
    numbers = np.arange(int(windows.max()) + 1)

    def slopes(of: np.ndarray) -> np.ndarray:
        return _slopes(scored.figures((of == numbers[:, np.newaxis]).astype(np.float64)))

    found = slopes(windows)
    random = np.random.default_rng(0)
    count = num_resamples(_RECORDS_DRAWN, len(windows), _FEWEST_DRAWS, _MOST_DRAWS)
    by_class = np.argsort(scored.labels, kind="stable")
    chance = np.empty((count, len(found)))
    exchanged = np.empty_like(windows)
    for number in range(count):
        shuffled = np.lexsort((random.random(len(windows)), scored.labels))
        exchanged[by_class] = windows[shuffled]
        chance[number] = slopes(exchanged)
    # Rounding keeps equal slopes equal, whatever the order of their sums.
    p_values = (1 + (np.round(chance, 9) <= np.round(found, 9)).sum(axis=0)) / (1 + count)
    return {
        name: ScoreTrend(
            slope=float(slope), p_value=float(p_value), falls=bool(p_value < _LEVEL / len(_NAMES))
        )
        for name, slope, p_value in zip(_NAMES, found, p_values, strict=True)
        if not np.isnan(slope)
    }


def _slopes(figures: np.ndarray) -> np.ndarray:
    """Returns the least-squares slope of each figure over the windows that have it; NaN of fewer than two."""
    slopes = []
    for values in figures.T:
        defined = np.flatnonzero(~np.isnan(values))
        centred = defined - defined.mean() if len(defined) > 1 else np.zeros(1)
        slopes.append(
            float(centred @ values[defined] / (centred @ centred)) if len(defined) > 1 else float("nan")
        )
    return np.array(slopes)


def _sentence(trends: dict[str, ScoreTrend], windows: list[WindowScores], rarest: str) -> str:
    fallen = []
    for name, trend in trends.items():
        if trend.falls:
            ends = [rate.value for window in windows if (rate := getattr(window, name)).value is not None]
            fallen.append(
                f"{_NAMES[name].format(rarest)} from {ends[0]:.3f} to {ends[-1]:.3f} (p = {trend.p_value:.2g})"
            )
    if fallen:
        return (
            f"Scores fall with the time, beyond chance: {'; '.join(fallen)}, from the first of {len(windows)} windows of test "
            "to the last. Expect less of later records still, and train anew before long."
        )
    if not trends:
        return "All of test is of one window: nothing can be said of how scores move."
    return f"No score falls beyond chance over {len(windows)} windows of test."
