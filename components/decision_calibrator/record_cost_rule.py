"""Decision at the least expected cost, where costs depend on the record."""

from dataclasses import dataclass, field

import numpy as np

from components.decision_calibrator.cost_settings import CostSettings
from components.decision_calibrator.record_costs import RecordCosts
from components.decision_calibrator.rule import Rule
from core.documents.record_costs import RecordCostFigures

RECORD_COSTS_RULE = "costs"


@dataclass(frozen=True)
class RecordCostRule(Rule):
    """Decides for a class where acting on it costs less in the mean than not acting, else for the likeliest other class.

    With the class's probability p and the record's costs of a miss, a false alarm and a catch, that is where
    `p catch + (1 - p) false_alarm < p miss`: where p is above `false_alarm / (false_alarm + miss - catch)`, a threshold
    of the record's own. Where a miss costs no more than a catch there is none, and the class is not decided for.

    References:
        Elkan (2001), "The foundations of cost-sensitive learning"; Bahnsen et al. (2014), "Improving credit card fraud
        detection with calibrated probabilities", https://doi.org/10.1137/1.9781611973440.78; Höppner et al. (2022),
        "Instance-dependent cost-sensitive learning for detecting transfer fraud", https://arxiv.org/abs/2005.02488

    Attributes:
        record_costs: What is at stake with a record.
    """

    record_costs: RecordCosts = field(kw_only=True)

    @classmethod
    def of(cls, settings: CostSettings, classes: list[str] | tuple[str, ...]) -> "RecordCostRule":
        """Makes the rule of an experiment's costs; nothing of it is fitted."""
        return cls.of_costs(RecordCosts.of(settings, classes), len(classes))

    @classmethod
    def of_costs(cls, costs: RecordCosts, num_classes: int) -> "RecordCostRule":
        """Makes the rule of costs among so many classes."""
        return cls(RECORD_COSTS_RULE, np.eye(num_classes), record_costs=costs)

    @classmethod
    def of_figures(cls, figures: RecordCostFigures, classes: list[str] | tuple[str, ...]) -> "RecordCostRule":
        """Makes the rule that is described."""
        index = list(classes).index(figures.class_name)
        return cls.of_costs(RecordCosts(index, figures), len(classes))

    def expected(
        self, probabilities: np.ndarray, amounts: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Returns what deciding for the class costs in the mean, and what another decision does, `(n,)` each.

        Args:
            probabilities: Float `(n, classes)`.
            amounts: Float `(n, columns)`; None where there is no column.
        """
        stakes = self.record_costs.stakes(amounts, len(probabilities))
        return stakes.expected(probabilities[:, self.record_costs.index].astype(np.float64))

    def decide(self, probabilities: np.ndarray, amounts: np.ndarray | None = None) -> np.ndarray:
        """Returns class indices, int64 `(n,)`, for probabilities `(n, classes)` and amounts `(n, columns)`."""
        acting, passing = self.expected(probabilities, amounts)
        index, scores = self.record_costs.index, probabilities.astype(np.float64)
        scores[:, index] = np.where(acting < passing, np.inf, -np.inf)
        return np.argmax(scores, axis=1)

    def doubt(self, probabilities: np.ndarray, amounts: np.ndarray | None = None) -> np.ndarray:
        """Returns the expected cost of each decision, float `(n,)`, at least 0."""
        return np.minimum(*self.expected(probabilities, amounts))

    def doubt_scale(self, amounts: np.ndarray | None, num_records: int) -> np.ndarray:
        """Returns by how much a doubt may change with a probability, float `(n,)`, at least 1."""
        return np.maximum(1.0, self.record_costs.stakes(amounts, num_records).largest)

    @property
    def costs(self) -> np.ndarray | None:
        """None: there is no one cost of deciding for a class where another is true."""
        return None

    @property
    def most_doubt(self) -> float:
        """0: how large a doubt may be depends on the record."""
        return 0.0

    def thresholds(self) -> np.ndarray | None:
        """None: each record has its own."""
        return None

    def allows(
        self,
        probabilities: np.ndarray,
        decisions: np.ndarray,
        tolerance: float,
        amounts: np.ndarray | None = None,
    ) -> np.ndarray:
        """Tells which decisions the rule may draw where probabilities are off by a tolerance, bool `(n,)`."""
        acting, passing = self.expected(probabilities, amounts)
        near = 2 * tolerance * self.doubt_scale(amounts, len(decisions))
        scores, rows = probabilities.astype(np.float64), np.arange(len(decisions))
        scores[:, self.record_costs.index] = -np.inf
        is_likeliest = scores.max(axis=1) - scores[rows, decisions] <= 2 * tolerance
        return np.where(
            decisions == self.record_costs.index,
            acting < passing + near,
            (acting >= passing - near) & is_likeliest,
        )
