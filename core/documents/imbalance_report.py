"""ImbalanceReport: what was found in the data, as ImbalanceValidator writes it."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import ConfigDict, Field

from core.documents.document import Document, Part
from core.documents.values import Count, Number

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

    __pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False)

    check: str
    severity: Severity
    subject: str
    value: Number | None
    limit: Number | None
    message: str
    advice: str


class Balance(Part):
    """How uneven the classes of a split are.

    Attributes:
        split: The split.
        imbalance_ratio: Largest class to smallest; None where one has no record.
        effective_number_of_classes: That many equally large ones would be as uneven; None without records.
        entropy: In nats; None without records.
    """

    split: str
    imbalance_ratio: Number | None
    effective_number_of_classes: Number | None
    entropy: Number | None


class NumberSummary(Part):
    """Numbers of a feature in a class.

    Attributes:
        count: Records of the class.
        missing: Share of them without a value, in [0, 1].
        mean: None where there is no value, as are `median` and `deviation`.
        median: Of the values.
        deviation: Standard deviation of the values.
    """

    count: Count
    missing: Number
    mean: Number | None
    median: Number | None
    deviation: Number | None


class CategorySummary(Part):
    """Categories of a feature in a class.

    Attributes:
        count: Records of the class.
        missing: Share of them without a value, in [0, 1].
        top: The commonest categories, each with its share of the class's records.
    """

    count: Count
    missing: Number
    top: tuple[tuple[str, Number], ...]


class FeaturesByClass(Part):
    """Features of train, each by class."""

    numeric: dict[str, dict[str, NumberSummary]] = Field(default_factory=dict)
    categorical: dict[str, dict[str, CategorySummary]] = Field(default_factory=dict)


class ImbalanceReport(Document):
    """What was found in the data.

    Attributes:
        findings: Hard ones first.
        checks: Name of each check to whether it was run.
        classes: Class to split to number of records.
        balance: Of train.
        features: What is compared between classes.
        feature_auc: Feature to its mean AUC over the classes; None where none can be judged.
        sampled: Train records that these were measured on.
    """

    FILE_NAME: ClassVar[str] = "report.json"

    findings: tuple[Finding, ...]
    checks: dict[str, bool]
    classes: dict[str, dict[str, Count]]
    balance: Balance
    features: FeaturesByClass
    feature_auc: dict[str, Number | None]
    sampled: Count
