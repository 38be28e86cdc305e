"""Class names that are one class but for their spelling."""

from components.imbalance_validator.facts import DataFacts
from components.imbalance_validator.settings import ValidationSettings
from components.stratified_example_gen.class_names import (
    how_they_differ,
    same_but_for_spelling,
    visible,
    with_counts,
)
from core.documents.imbalance_report import Finding


def check_spelling(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """Class names that are one but for their spelling: hard."""
    counts = dict(zip(facts.classes, facts.counts.sum(axis=0).tolist(), strict=True))
    findings = []
    for names in same_but_for_spelling(facts.classes):
        commonest = max(names, key=lambda name: counts[name])
        findings.append(
            Finding(
                "label_spelling",
                "hard",
                commonest,
                len(names),
                1,
                f"The classes {with_counts(names, counts)} {how_they_differ(names)}.",
                f"Write them alike in the data, as {visible(commonest)}; if they are different classes, name them "
                "differently, or set validation.skip to [label_spelling].",
            )
        )
    return findings
