"""Search for the class weights whose decisions score best on held-out records."""

import numpy as np

from components.evaluation.confusion import ClassMargins
from components.evaluation.objectives import Objective

_MAX_ROUNDS = 30
_RANDOM_STARTS = 4
# Up to so many probabilities, the weights of every two classes are also tried together: at every point for
# few records, at some for more.
_PAIRED_SIZE = 50_000
_EXHAUSTED_RECORDS = 40
_POINTS = 64
# Beyond the outermost record, in log weight.
_MARGIN = 1.0
_SMALLEST = 1e-30


def choose_weights(
    probabilities: np.ndarray,
    labels: np.ndarray,
    objective: Objective,
    seed: int,
    record_weights: np.ndarray | None = None,
    start: np.ndarray | None = None,
) -> np.ndarray:
    """Chooses the weights whose decisions score best.

    A weight decides, for every record, whether it is this class or the best of the others: as the weight
    grows, records go over to the class one by one. All these points are tried, exactly, for one class after
    the other, until none gains; from several starts, as that may end in a lesser peak. Two classes have one
    weight between them, and the best is found at once. Between two records the middle is taken, and of equal
    scores the one with most room.

    For two classes, weights `(1, w)` decide for the second where its probability exceeds `1 / (1 + w)`.

    Args:
        probabilities: Float `(n, classes)`.
        labels: Class indices, int `(n,)`.
        objective: What is made as high as possible.
        seed: Decides the random starts.
        record_weights: How many records each stands for, float `(n,)`; None counts each once.
        start: Weights to start from, alone; None starts from several.

    Returns:
        Weights, float `(classes,)`, above 0; the first is 1.
    """
    search = _Search(probabilities, labels, objective, record_weights)
    num_classes = probabilities.shape[1]
    if start is not None:
        starts = [np.log(start)]
    else:
        shares = np.maximum(np.bincount(labels, minlength=num_classes), 0.5) / len(labels)
        random = np.random.default_rng(seed)
        starts = [np.zeros(num_classes), -np.log(shares), -np.log(shares) / 2]
        if num_classes > 2:
            starts += [random.normal(0, 1, num_classes) for _ in range(_RANDOM_STARTS)]
    ends = [search.climb(one) for one in starts]
    # The first of equals: unweighted probabilities before all else.
    score, best = max(ends, key=lambda end: end[0])
    if start is None and num_classes > 2 and probabilities.size <= _PAIRED_SIZE:
        _, best = search.climb_by_pairs(score, best)
    return np.exp(best - best[0])


class _Search:
    """Records whose decisions are scored for any weights."""

    def __init__(
        self,
        probabilities: np.ndarray,
        labels: np.ndarray,
        objective: Objective,
        record_weights: np.ndarray | None,
    ):
        self._log = np.log(np.maximum(probabilities, _SMALLEST))
        self._labels = labels
        self._counts = np.ones(len(labels)) if record_weights is None else record_weights
        self._num_classes = probabilities.shape[1]
        self._support = self._counted(labels, np.ones(len(labels), bool))
        self._objective = objective

    def _counted(self, indices: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        return np.bincount(indices[chosen], self._counts[chosen], self._num_classes)

    def climb(self, weights: np.ndarray) -> tuple[float, np.ndarray]:
        """Improves log weights class by class until none gains; returns score and log weights."""
        weights, score = weights.copy(), self._score(weights)
        for _ in range(_MAX_ROUNDS):
            before = score
            for index in range(1, self._num_classes):
                found, weight = self._best_of_class(index, weights)
                # Rounding must not pass for a gain.
                if found > score + 1e-12:
                    score, weights[index] = found, weight
            if score <= before:
                break
        return score, weights

    def climb_by_pairs(self, score: float, weights: np.ndarray) -> tuple[float, np.ndarray]:
        """Tries two classes' weights together: for each point of the one, every point of the other."""
        for first in range(1, self._num_classes):
            for second in range(first + 1, self._num_classes):
                for point in self._points(first, second, weights):
                    trial = weights.copy()
                    trial[first] = point
                    found, trial[second] = self._best_of_class(second, trial)
                    if found > score + 1e-12:
                        score, weights = self.climb(trial)
        return score, weights

    def _points(self, first: int, second: int, weights: np.ndarray) -> np.ndarray:
        """Returns log weights of `first`, one between every two at which what `second` can do changes.

        In the plane of the two log weights, the decisions of a record change along three lines: where `first`
        meets the best of the rest, where `second` does, and where they meet each other. What `second` can
        do changes where any two lines cross.
        """
        shifted = self._log + weights
        shifted[:, [first, second]] = -np.inf
        rest = shifted.max(axis=1)
        first_meets, second_meets = rest - self._log[:, first], rest - self._log[:, second]
        if len(rest) > _EXHAUSTED_RECORDS:
            return np.quantile(first_meets, np.linspace(0, 1, _POINTS))
        each_other = self._log[:, first] - self._log[:, second]
        crossings = (second_meets[:, np.newaxis] - each_other).ravel()
        return _middles(np.unique(np.concatenate([first_meets, crossings])))

    def _score(self, weights: np.ndarray) -> float:
        decisions = np.argmax(self._log + weights, axis=1)
        hits = self._counted(self._labels, decisions == self._labels)
        decided = self._counted(decisions, np.ones(len(decisions), bool))
        return float(self._objective(ClassMargins(hits, decided, self._support)))

    def _best_of_class(self, index: int, weights: np.ndarray) -> tuple[float, float]:
        """Returns the best score over all log weights of one class, and that log weight."""
        shifted = self._log + weights
        shifted[:, index] = -np.inf
        rivals = shifted.argmax(axis=1)
        crossings = shifted[np.arange(len(rivals)), rivals] - self._log[:, index]
        order = np.argsort(crossings, kind="stable")
        crossings = crossings[order]
        # The records that have gone over, 0 to n of them; where several go at once, only all of them.
        ends = np.flatnonzero(np.append(np.diff(crossings) > 0, True)) + 1
        taken = np.concatenate([[0], ends])
        scores = self._objective(self._margins(index, rivals[order], order, taken))
        distinct = crossings[ends - 1]
        middles = _middles(distinct)
        room = np.diff(distinct, prepend=distinct[0] - 2 * _MARGIN, append=distinct[-1] + 2 * _MARGIN)
        best = scores.max()
        place = np.argmax(np.where(scores >= best - 1e-12, room, -1.0))
        return float(best), float(middles[place])

    def _margins(self, index: int, rivals: np.ndarray, order: np.ndarray, taken: np.ndarray) -> ClassMargins:
        """Returns margins, `(points, classes)`, once so many records have gone over."""
        labels, counts = self._labels[order], self._counts[order]
        hits = np.empty((len(taken), self._num_classes))
        decided = np.empty_like(hits)

        def gone(mask: np.ndarray) -> np.ndarray:
            return np.concatenate([[0.0], np.cumsum(counts * mask)])

        for other in range(self._num_classes):
            mine = rivals == other
            left, left_right = gone(mine), gone(mine & (labels == other))
            decided[:, other] = left[-1] - left[taken]
            hits[:, other] = left_right[-1] - left_right[taken]
        decided[:, index] = gone(np.ones(len(labels), bool))[taken]
        hits[:, index] = gone(labels == index)[taken]
        return ClassMargins(hits, decided, self._support)


def _middles(points: np.ndarray) -> np.ndarray:
    """Returns the middles between ascending points, and one point beyond either end."""
    inner = (points[1:] + points[:-1]) / 2
    return np.concatenate([[points[0] - _MARGIN], inner, [points[-1] + _MARGIN]])
