"""Checks that the classes keep their shares from split to split and from run to run."""

from itertools import combinations

import numpy as np

from components.imbalance_validator.facts import DataFacts
from components.imbalance_validator.settings import ValidationSettings
from core.documents.imbalance_report import Finding

# Each class gets whole records, and one in every split at least.
_ROUNDED_RECORDS = 2


def label_drift(counts: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Returns how far each class's share differs, float64 `(classes,)` in [0, 1], less what rounding explains.

    drift_c = max(0, |n_c / n - m_c / m| - 2 / n - 2 / m), with n_c and m_c the two counts of class c and
    n and m their sums: two records in each are what sharing out whole records may cost a class.

    Args:
        counts: int `(classes,)`, with a sum above 0.
        other: Likewise.
    """
    n, m = counts.sum(), other.sum()
    return np.maximum(0, np.abs(counts / n - other / m) - _ROUNDED_RECORDS / n - _ROUNDED_RECORDS / m)


def check_splits(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """A class's share that differs by more than `max_label_drift` between two splits.

    Hard where we split by shares. Where the data came split, another balance may be meant, as that of a
    balanced test split, and it is soft. Splits by time differ as the times do, and it is a note. Each class is named
    once, with the two splits that differ most.
    """
    worst: dict[int, tuple[float, int, int]] = {}
    for first, second in combinations(range(len(facts.splits)), 2):
        if not facts.counts[first].sum() or not facts.counts[second].sum():
            continue
        drifts = label_drift(facts.counts[first], facts.counts[second])
        for number in np.flatnonzero(drifts > settings.max_label_drift).tolist():
            worst[number] = max(worst.get(number, (0.0, 0, 0)), (float(drifts[number]), first, second))
    shares = facts.counts / np.maximum(facts.counts.sum(axis=1, keepdims=True), 1)
    findings = []
    for number, (_, first, second) in sorted(worst.items(), key=lambda item: -item[1][0]):
        here, there = shares[first, number], shares[second, number]
        findings.append(
            Finding(
                "drift_between_splits",
                "note" if facts.time_gap is not None else "soft" if facts.splits_given else "hard",
                facts.classes[number],
                float(abs(here - there)),
                settings.max_label_drift,
                f"Class {facts.classes[number]!r} makes up {here:.1%} of {facts.splits[first]} and {there:.1%} of "
                f"{facts.splits[second]}; validation.max_label_drift is {settings.max_label_drift:g}.",
                ""
                if facts.time_gap is not None
                else "If the splits are meant to differ, read the scores with it in mind; otherwise split the data anew."
                if facts.splits_given
                else "Large groups or sets of equal records cannot be shared out evenly: collect more of them, or "
                "raise validation.max_label_drift.",
            )
        )
    return findings


def check_last_run(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """A class that came, went, or whose share of all records moved by more than `max_label_drift`: soft."""
    if not facts.previous:
        return []
    now = dict(zip(facts.classes, facts.counts.sum(axis=0).tolist(), strict=True))
    names = sorted({*now, *facts.previous})
    counts = np.array([[then.get(name, 0) for name in names] for then in (now, facts.previous)])
    if not counts.sum(axis=1).all():
        return []
    drifts = label_drift(counts[0], counts[1])
    shares = counts / counts.sum(axis=1, keepdims=True)
    findings = []
    for name, drift, (here, there), pair in zip(names, drifts, shares.T, counts.T, strict=True):
        if drift > settings.max_label_drift or not pair.all():
            said = (
                "is new"
                if not pair[1]
                else "is gone"
                if not pair[0]
                else f"makes up {here:.1%} of the records"
            )
            findings.append(
                Finding(
                    "drift_since_last_run",
                    "soft",
                    name,
                    float(abs(here - there)),
                    settings.max_label_drift,
                    f"Class {name!r} {said}; in the last run's data it made up {there:.1%}.",
                    "Make sure that the change is meant; scores of the two runs do not compare.",
                )
            )
    return findings
