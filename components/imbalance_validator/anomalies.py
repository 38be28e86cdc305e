"""Findings out of the anomalies that TFDV's ExampleValidator recorded."""

from components.imbalance_validator.facts import Anomaly, DataFacts
from components.imbalance_validator.settings import ValidationSettings
from core.documents.imbalance_report import Finding


def check_anomalies(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """A split that breaks the schema: hard where TFDV calls it an error, soft where a warning.

    The same complaint in several splits is one finding.
    """
    splits: dict[Anomaly, list[str]] = {}
    for found in facts.anomalies:
        same = Anomaly("", found.feature, found.severity, found.description)
        splits.setdefault(same, []).append(found.split)
    return [
        Finding(
            "schema_anomalies",
            found.severity,
            found.feature or "the whole split",
            None,
            None,
            f"{f'Feature {found.feature!r}' if found.feature else 'The split'} breaks the schema in "
            f"{' and '.join(names)}: {found.description.rstrip('.')}.",
            "Mend the data, or, if they are right, the schema that data.schema names.",
        )
        for found, names in splits.items()
    ]
