"""Decision for the most probable class."""

from typing import TYPE_CHECKING

from components.decision_calibrator.rules.rule_kind import HeldOutRecords, RuleKind

if TYPE_CHECKING:
    from components.decision_calibrator.rule import Rule


def _fit(name: str, records: HeldOutRecords) -> "Rule":
    from components.decision_calibrator.rule import Rule

    return Rule.of_weights(name, [1.0] * len(records.classes))


ARGMAX = RuleKind("argmax", _fit, "the most probable class", usage="the most probable class")
