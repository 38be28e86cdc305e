"""A finding of a check."""

from dataclasses import asdict, dataclass
from typing import Literal

from core.documents.imbalance_report import FindingRecord

Severity = Literal["hard", "soft", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing that a check says of the data.

    Attributes:
        check: Name of the check.
        severity: `hard` ends the run where `validation.on_anomaly` is fail, `soft` is a warning, `note` a figure.
        subject: The class, feature or split it is about.
        value: The number that was measured, or None.
        limit: The number it is held against, or None.
        message: What is wrong, in a sentence.
        advice: What to do; empty for a note.
    """

    check: str
    severity: Severity
    subject: str
    value: float | None
    limit: float | None
    message: str
    advice: str

    def as_record(self) -> FindingRecord:
        """Returns the finding as the report holds it."""
        return FindingRecord(**asdict(self))
