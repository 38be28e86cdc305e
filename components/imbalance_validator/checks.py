"""Table of the checks."""

from collections.abc import Callable, Collection

from components.imbalance_validator.anomalies import check_anomalies
from components.imbalance_validator.crossing import check_given_copies, check_groups, check_records
from components.imbalance_validator.distribution import check_balance, check_class_count, check_every_split
from components.imbalance_validator.drift import check_last_run, check_splits
from components.imbalance_validator.facts import DataFacts
from components.imbalance_validator.finding import Finding
from components.imbalance_validator.ids import check_ids
from components.imbalance_validator.leakage import check_given_away, check_outstanding
from components.imbalance_validator.one_class import check_one_class
from components.imbalance_validator.settings import CheckName, ValidationSettings
from components.imbalance_validator.spelling import check_spelling

CHECKS: dict[CheckName, Callable[[DataFacts, ValidationSettings], list[Finding]]] = {
    "schema_anomalies": check_anomalies,
    "class_in_every_split": check_every_split,
    "class_count": check_class_count,
    "class_balance": check_balance,
    "drift_between_splits": check_splits,
    "drift_since_last_run": check_last_run,
    "records_in_one_split": check_records,
    "given_copies": check_given_copies,
    "groups_in_one_split": check_groups,
    "label_given_away": check_given_away,
    "outstanding_feature": check_outstanding,
    "one_class_only": check_one_class,
    "label_spelling": check_spelling,
    "id_like_column": check_ids,
}
_ORDER = ("hard", "soft", "note")


def run_checks(
    facts: DataFacts, settings: ValidationSettings, skip: Collection[str] | None = None
) -> list[Finding]:
    """Runs every check.

    Args:
        facts: The data.
        settings: Their limits.
        skip: Names of checks to leave out; None for those of `settings.skip`.

    Returns:
        The findings, hard ones first and notes last.
    """
    left_out = settings.skip if skip is None else skip
    findings = [
        finding
        for name, check in CHECKS.items()
        if name not in left_out
        for finding in check(facts, settings)
    ]
    return sorted(findings, key=lambda finding: _ORDER.index(finding.severity))


def refusal(findings: Collection[Finding], most: int = 20) -> str | None:
    """Puts the hard findings into one message, or returns None where there is none.

    Args:
        findings: What the checks found.
        most: Findings named; more are counted.
    """
    hard = [finding for finding in findings if finding.severity == "hard"]
    if not hard:
        return None
    lines = [f"- {finding.message} {finding.advice}" for finding in hard[:most]]
    more = [f"- and {len(hard) - most} more."] if len(hard) > most else []
    count = "one thing stands" if len(hard) == 1 else f"{len(hard)} things stand"
    return "\n".join(
        [
            f"In the data, {count} in the way of training:",
            *lines,
            *more,
            "To train all the same, set validation.on_anomaly to warn.",
        ]
    )
