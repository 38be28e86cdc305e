"""Table of the decision rules."""

from components.decision_calibrator.rules.argmax import ARGMAX
from components.decision_calibrator.rules.balanced_accuracy import BALANCED_ACCURACY
from components.decision_calibrator.rules.capacity import CAPACITY
from components.decision_calibrator.rules.cost_matrix import COST_MATRIX
from components.decision_calibrator.rules.macro_f1 import MACRO_F1
from components.decision_calibrator.rules.min_precision import MIN_PRECISION
from components.decision_calibrator.rules.min_recall import MIN_RECALL
from components.decision_calibrator.rules.rule_kind import RuleKind
from core.settings import Settings

RULES = (ARGMAX, MACRO_F1, BALANCED_ACCURACY, COST_MATRIX, MIN_RECALL, MIN_PRECISION, CAPACITY)


def rule_kind(choice: str | Settings) -> RuleKind:
    """Returns the row of what an experiment says: a rule's name, or its settings."""
    [kind] = [
        kind
        for kind in RULES
        if (kind.name == choice if kind.settings is None else isinstance(choice, kind.settings))
    ]
    return kind


def usage() -> str:
    """Says what an experiment may choose from, in a sentence."""
    plain, *shown = (kind.usage for kind in RULES if kind.usage)
    scores = " or ".join(kind.name for kind in RULES if not kind.usage)
    return (
        f"How the decision is drawn: {plain}; weights of the classes chosen on the eval split for the best {scores}; "
        f"{'; '.join(shown[:-1])} or {shown[-1]}."
    )
