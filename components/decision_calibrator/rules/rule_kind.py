"""Row of the table of decision rules, and the records that a rule is fitted on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.settings import Settings

if TYPE_CHECKING:
    import numpy as np

    from components.decision_calibrator.rule import Rule


@dataclass(frozen=True)
class HeldOutRecords:
    """Records that a rule is fitted on.

    Attributes:
        probabilities: Calibrated, float `(n, classes)`.
        labels: Class indices, int `(n,)`.
        weights: How many records each stands for where the rule is used, float `(n,)`.
        classes: Class names in index order.
        seed: Decides the resamples.
        amounts: What costs are made of, float `(n, columns)`; None where they depend on no column.
    """

    probabilities: "np.ndarray"
    labels: "np.ndarray"
    weights: "np.ndarray"
    classes: tuple[str, ...]
    seed: int
    amounts: "np.ndarray | None" = None


@dataclass(frozen=True)
class RuleKind:
    """A kind of decision rule. Settings are read before NumPy is loaded: `fit` imports what it needs itself.

    Attributes:
        name: As in decision.json, and, where it takes no settings, as in the experiment.
        fit: Makes the rule of what the experiment says (the name or the settings) and held-out records.
        meaning: Which class it decides for, as the report has it.
        usage: What the experiment's reference says of it; empty of a score that weights are chosen for.
        settings: Its settings; None where the name says all.
    """

    name: str
    fit: "Callable[[Any, HeldOutRecords], Rule]"
    meaning: str
    usage: str = ""
    settings: type[Settings] | None = None
