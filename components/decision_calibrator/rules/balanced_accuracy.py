"""Decision by the class weights with the highest balanced accuracy on held-out records."""

from typing import TYPE_CHECKING

from components.decision_calibrator.rules.rule_kind import HeldOutRecords, RuleKind

if TYPE_CHECKING:
    from components.decision_calibrator.rule import Rule


def _fit(name: str, records: HeldOutRecords) -> "Rule":
    from components.decision_calibrator.fit_weights import fit_weights
    from components.evaluation.objectives import balanced_accuracy

    return fit_weights(name, balanced_accuracy, records)


BALANCED_ACCURACY = RuleKind(
    "balanced_accuracy",
    _fit,
    "the class of the highest weighted probability; the weights make balanced accuracy largest on eval",
)
