"""Checks how the records are spread over the classes."""

import math

import numpy as np

from components.imbalance_validator.facts import DataFacts
from components.imbalance_validator.settings import ValidationSettings
from core.documents.imbalance_report import Finding


def entropy(counts: np.ndarray) -> float:
    """Returns -sum(p ln p) of the classes' shares p, in nats; 0 where one class has all records.

    Args:
        counts: int `(classes,)`, of which one at least is above 0.
    """
    shares = counts[counts > 0] / counts.sum()
    # Adding 0.0 turns the negative zero of a single class into zero.
    return float(-(shares * np.log(shares)).sum() + 0.0)


def effective_number_of_classes(counts: np.ndarray) -> float:
    """Returns exp(entropy): the number of equally large classes that would be as uneven as these.

    Two classes of 90 and 10 are worth 1.38; ten of equal size are worth 10.

    Reference:
        Hill, M. O. (1973). Diversity and evenness: a unifying notation and its consequences. Ecology 54(2).
    """
    return math.exp(entropy(counts))


def imbalance_ratio(counts: np.ndarray) -> float | None:
    """Returns the largest count over the smallest; None where a class has no record."""
    return float(counts.max() / counts.min()) if counts.min() else None


def check_every_split(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """A class without an example in train cannot be learnt, one without any elsewhere not be judged: hard."""
    findings = []
    for number, name in enumerate(facts.classes):
        held = facts.counts[:, number]
        empty = [split for split, count in zip(facts.splits, held, strict=True) if count == 0]
        if empty:
            there = ", ".join(
                f"{count:,} in {split}" for split, count in zip(facts.splits, held, strict=True) if count
            )
            findings.append(
                Finding(
                    "class_in_every_split",
                    "hard",
                    name,
                    0,
                    1,
                    f"Class {name!r} has no example in {' and '.join(empty)} (there are {there}).",
                    f"Add examples of {name!r} to {' and '.join(empty)}, or leave the class out of the data."
                    if facts.splits_given
                    else f"Collect more examples or groups of {name!r}, or leave the class out of the data.",
                )
            )
    return findings


def check_class_count(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """A class with fewer examples than `min_class_count`, over all splits: hard."""
    return [
        Finding(
            "class_count",
            "hard",
            name,
            int(count),
            settings.min_class_count,
            f"Class {name!r} has {count} example{'' if count == 1 else 's'} over all splits; "
            f"validation.min_class_count is {settings.min_class_count}.",
            "Collect more, merge it with another class, leave it out, or lower validation.min_class_count.",
        )
        for name, count in zip(facts.classes, facts.counts.sum(axis=0), strict=True)
        if count < settings.min_class_count
    ]


def check_balance(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """The unevenness of train; hard where `max_imbalance_ratio` is exceeded, notes otherwise.

    A class that train lacks is left to `class_in_every_split`.
    """
    counts = facts.counts[0]
    present = counts[counts > 0]
    if not len(present):
        return []
    ratio, limit = float(present.max() / present.min()), settings.max_imbalance_ratio
    common, rare = (
        facts.classes[int(counts.argmax())],
        facts.classes[int(np.flatnonzero(counts)[present.argmin()])],
    )
    exceeded = limit is not None and ratio > limit
    effective, most = effective_number_of_classes(counts), len(facts.classes)
    return [
        Finding(
            "class_balance",
            "hard" if exceeded else "note",
            "imbalance ratio",
            ratio,
            limit,
            f"Train has {ratio:,.4g} examples of {common!r} for one of {rare!r}"
            + (f"; validation.max_imbalance_ratio is {limit:g}." if exceeded else "."),
            f"Collect more of {rare!r}, merge it with another class, or raise validation.max_imbalance_ratio."
            if exceeded
            else "",
        ),
        Finding(
            "class_balance",
            "note",
            "effective number of classes",
            effective,
            None,
            f"The {most} classes of train are as uneven as {effective:.3g} equally large ones.",
            "",
        ),
        Finding(
            "class_balance",
            "note",
            "entropy",
            entropy(counts),
            None,
            f"The classes of train have an entropy of {entropy(counts):.3g} nats; equally large ones had {math.log(most):.3g}.",
            "",
        ),
    ]
