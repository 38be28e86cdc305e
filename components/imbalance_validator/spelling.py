"""Class names that differ by case or space only, and so are probably one class."""

import unicodedata
from collections.abc import Iterable

from components.imbalance_validator.facts import DataFacts
from components.imbalance_validator.finding import Finding
from components.imbalance_validator.settings import ValidationSettings


def same_but_for_spelling(names: Iterable[str]) -> list[list[str]]:
    """Returns the sets of names that are equal without case and white space, as `Cat`, `cat ` and `CAT`.

    Unicode's compatible forms (a full-width letter, a no-break space) count as equal too. What sets two
    names apart otherwise, a hyphen or a letter, is left alone: `a-b` and `ab` may well be two classes.
    """
    sets: dict[str, list[str]] = {}
    for name in names:
        plain = "".join(unicodedata.normalize("NFKC", name).casefold().split())
        sets.setdefault(plain, []).append(name)
    return [found for found in sets.values() if len(found) > 1]


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
                f"The classes {' and '.join(f'{name!r} ({counts[name]:,} examples)' for name in names)} differ by case "
                "or space only.",
                f"Write them alike in the data, as {commonest!r}; if they are different classes, name them differently.",
            )
        )
    return findings
