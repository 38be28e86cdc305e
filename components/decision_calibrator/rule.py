"""Decision rule: the class of the highest score, or a class that is decided for above a threshold alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


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

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """Returns class indices, int64 `(n,)`, for probabilities `(n, classes)`."""
        scores = probabilities @ self.matrix
        if self.queue is not None:
            inside = probabilities[:, self.queue.index] > self.queue.size.threshold
            scores[:, self.queue.index] = np.where(inside, np.inf, -np.inf)
        return np.argmax(scores, axis=1)

    def allows(self, probabilities: np.ndarray, decisions: np.ndarray, tolerance: float) -> np.ndarray:
        """Tells which decisions the rule may draw where probabilities are off by a tolerance, bool `(n,)`.

        Of two scores nearly alike either may be the higher after rounding.

        Args:
            probabilities: Float `(n, classes)`.
            decisions: Class indices, int `(n,)`.
            tolerance: Most that a probability may be off.
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
