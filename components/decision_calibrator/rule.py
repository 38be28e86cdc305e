"""Decision rule: the class whose score, linear in the probabilities, is the highest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rule:
    """Decides for the class of the largest entry of `probabilities @ matrix`, the first of them on a tie.

    Attributes:
        name: As in the experiment.
        matrix: Float `(classes, classes)`. For class weights their diagonal; for costs the costs, negative.
        weights: Class weights, float `(classes,)`, or None for costs.
        spread: 2.5 %, 50 % and 97.5 % quantiles of each class's weight over bootstrap resamples, float
            `(classes, 3)`, or None where the rule is not fitted.
    """

    name: str
    matrix: np.ndarray
    weights: np.ndarray | None = None
    spread: np.ndarray | None = None

    @classmethod
    def of_weights(
        cls, name: str, weights: np.ndarray | Sequence[float], spread: np.ndarray | None = None
    ) -> "Rule":
        """Makes the rule that decides for the largest weighted probability."""
        weights = np.asarray(weights)
        return cls(name, np.diag(weights), weights, spread)

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """Returns class indices, int64 `(n,)`, for probabilities `(n, classes)`."""
        return np.argmax(probabilities @ self.matrix, axis=1)

    def thresholds(self) -> np.ndarray | None:
        """Returns, for two classes with weights, the probability above which each is decided for, `(2,)`.

        `w_1 p > w_0 (1 - p)` holds above `p = w_0 / (w_0 + w_1)`.
        """
        if self.weights is None or len(self.weights) != 2:
            return None
        return self.weights[::-1] / self.weights.sum()
