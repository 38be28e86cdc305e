"""Decision by the class weights with the highest macro-F1 on held-out records."""

from typing import TYPE_CHECKING

from components.decision_calibrator.rules.rule_kind import HeldOutRecords, RuleKind

if TYPE_CHECKING:
    from components.decision_calibrator.rule import Rule


def _fit(name: str, records: HeldOutRecords) -> "Rule":
    from components.decision_calibrator.fit_weights import fit_weights
    from components.evaluation.objectives import macro_f1

    return fit_weights(name, macro_f1, records)


MACRO_F1 = RuleKind(
    "macro_f1",
    _fit,
    "the class of the highest weighted probability; the weights make macro-F1 largest on eval",
)
