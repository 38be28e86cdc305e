"""Decision rule: the class of the highest score, or a class that is decided for above a threshold alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from components.decision_calibrator.calibration import SMALLEST


@dataclass(frozen=True)
class QueueSize:
    """A size of a queue, and the threshold that gives it.

    Attributes:
        share: Share of the records that may be in the queue, in (0, 1).
        threshold: A record is in the queue where the class's probability is above it.
        spread: 2.5 %, 50 % and 97.5 % quantiles of the threshold over bootstrap resamples, float `(3,)`.
        num_records: Held-out records above the threshold.
    """

    share: float
    threshold: float
    spread: np.ndarray
    num_records: int


@dataclass(frozen=True)
class Queue:
    """Records that somebody reads: those likeliest to be of a class, as many as there is time for.

    Attributes:
        index: Of the class.
        size: The size asked for.
        others: Other sizes, for comparison, in rising order.
    """

    index: int
    size: QueueSize
    others: tuple[QueueSize, ...] = ()


@dataclass(frozen=True)
class Rule:
    """Decides for the class of the largest entry of `probabilities @ matrix`, the first of them on a tie.

    With a queue, its class is decided for where its probability is above the threshold, and nowhere else.

    Attributes:
        name: As in the experiment.
        matrix: Float `(classes, classes)`. For class weights their diagonal; for costs the costs, negative.
        weights: Class weights, float `(classes,)`, or None for costs and a queue.
        spread: 2.5 %, 50 % and 97.5 % quantiles of each class's weight over bootstrap resamples, float
            `(classes, 3)`, or None where the rule is not fitted.
        queue: The queue, or None.
    """

    name: str
    matrix: np.ndarray
    weights: np.ndarray | None = None
    spread: np.ndarray | None = None
    queue: Queue | None = None

    @classmethod
    def of_weights(
        cls, name: str, weights: np.ndarray | Sequence[float], spread: np.ndarray | None = None
    ) -> "Rule":
        """Makes the rule that decides for the largest weighted probability."""
        weights = np.asarray(weights)
        return cls(name, np.diag(weights), weights, spread)

    @classmethod
    def of_queue(cls, name: str, num_classes: int, queue: Queue) -> "Rule":
        """Makes the rule that decides for the queue's class in the queue, and outside for the likeliest other."""
        return cls(name, np.eye(num_classes), queue=queue)

    def decide(self, probabilities: np.ndarray, amounts: np.ndarray | None = None) -> np.ndarray:
        """Returns class indices, int64 `(n,)`, for probabilities `(n, classes)`; see RecordCostRule for the amounts."""
        scores = probabilities @ self.matrix
        if self.queue is not None:
            inside = probabilities[:, self.queue.index] > self.queue.size.threshold
            scores[:, self.queue.index] = np.where(inside, np.inf, -np.inf)
        return np.argmax(scores, axis=1)

    def doubt(self, probabilities: np.ndarray, amounts: np.ndarray | None = None) -> np.ndarray:
        """Returns how doubtful each decision is, float `(n,)`, at least 0.

        For costs it is the decision's expected cost, `-max(probabilities @ matrix)`. For class weights w it is the share of
        the weighted probabilities that speaks for other classes, `1 - max(w p) / sum(w p)`: where a rare class weighs more,
        what is doubtful is what lies near the line between two decisions, and not whatever is decided for that class.
        For a queue it is the same with two classes, the queue's, of probability p, and the rest, weighted so that the
        line is the threshold t: `min(a, b) / (a + b)` with `a = (1 - t) p` and `b = t (1 - p)`.

        Args:
            probabilities: Float `(n, classes)`.
            amounts: Of the records, of which this rule makes nothing.
        """
        if self.queue is not None:
            threshold, mine = self.queue.size.threshold, probabilities[:, self.queue.index]
            sides = np.stack([(1 - threshold) * mine, threshold * (1 - mine)])
            return np.asarray(sides.min(axis=0) / np.maximum(sides.sum(axis=0), SMALLEST))
        scores = probabilities @ self.matrix
        if self.weights is None:
            return -scores.max(axis=1)
        return np.asarray(1 - scores.max(axis=1) / np.maximum(scores.sum(axis=1), SMALLEST))

    @property
    def costs(self) -> np.ndarray | None:
        """Cost of deciding for a class (column) where another is true (row), `(classes, classes)`; None where unknown.

        Where the most probable class is decided for, a mistake costs 1.
        """
        if self.queue is not None:
            return None
        if self.weights is None:
            return -self.matrix
        return 1 - np.eye(len(self.matrix)) if (self.weights == 1).all() else None

    @property
    def most_doubt(self) -> float:
        """What no doubt exceeds."""
        knows_costs = self.weights is None and self.queue is None
        return float(np.abs(self.matrix).max()) if knows_costs else 1.0

    def doubt_scale(self, amounts: np.ndarray | None, num_records: int) -> np.ndarray:
        """Returns by how much a doubt may change with a probability, float `(n,)`, at least 1."""
        return np.full(num_records, max(1.0, self.most_doubt))

    def allows(
        self,
        probabilities: np.ndarray,
        decisions: np.ndarray,
        tolerance: float,
        amounts: np.ndarray | None = None,
    ) -> np.ndarray:
        """Tells which decisions the rule may draw where probabilities are off by a tolerance, bool `(n,)`.

        Of two scores nearly alike either may be the higher after rounding.

        Args:
            probabilities: Float `(n, classes)`.
            decisions: Class indices, int `(n,)`.
            tolerance: Most that a probability may be off.
            amounts: Of the records, of which this rule makes nothing.
        """
        near = 2 * tolerance * max(1.0, float(np.abs(self.matrix).max()))
        scores, rows = probabilities @ self.matrix, np.arange(len(decisions))
        if self.queue is None:
            return scores.max(axis=1) - scores[rows, decisions] <= near
        index, threshold = self.queue.index, self.queue.size.threshold
        scores[:, index] = -np.inf
        is_likeliest = scores.max(axis=1) - scores[rows, decisions] <= near
        mine = probabilities[:, index]
        return np.where(
            decisions == index, mine > threshold - tolerance, (mine <= threshold + tolerance) & is_likeliest
        )

    def thresholds(self) -> np.ndarray | None:
        """Returns, for two classes with weights or a queue, the probability above which each is decided for, `(2,)`.

        `w_1 p > w_0 (1 - p)` holds above `p = w_0 / (w_0 + w_1)`.
        """
        if len(self.matrix) != 2:
            return None
        if self.queue is not None:
            threshold = self.queue.size.threshold
            return np.array([threshold, 1 - threshold])[:: 1 if self.queue.index == 0 else -1]
        return None if self.weights is None else self.weights[::-1] / self.weights.sum()
