"""Run of the data checks, and the refusal that follows from hard findings."""

from collections.abc import Callable, Collection
from importlib import import_module

from components.imbalance_validator.check_table import CHECKS
from components.imbalance_validator.facts import DataFacts
from components.imbalance_validator.settings import ValidationSettings
from core.documents.imbalance_report import Finding

Check = Callable[[DataFacts, ValidationSettings], list[Finding]]

_ORDER = ("hard", "soft", "note")


def load_check(name: str) -> Check:
    """Loads a check of the table."""
    module, function = CHECKS[name].split(".")
    check: Check = getattr(import_module(f"components.imbalance_validator.{module}"), function)
    return check


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
        finding for name in CHECKS if name not in left_out for finding in load_check(name)(facts, settings)
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
