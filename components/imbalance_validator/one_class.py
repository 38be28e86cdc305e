"""Features that behave differently within one class: constant there, or missing there alone."""

from collections.abc import Callable

import numpy as np

from components.imbalance_validator.facts import Column, DataFacts
from components.imbalance_validator.settings import ValidationSettings
from core.documents.imbalance_report import Finding

# A chance below this is taken for none, so that among thousands of features none is named by accident.
_NO_ACCIDENT = 1e-6
_MOST = 0.5


def constant_within(column: Column, inside: np.ndarray) -> float | None:
    """Returns the chance that a class shows one value only, were it as the others; None where it shows several.

    chance = p ** n, with n the values present in the class, and p the share of that value elsewhere,
    counted as if one more had been seen. None, too, where most of the others show that value: then the
    class merely lacks a rare one.

    Args:
        column: The feature.
        inside: bool `(records,)`, the class's records.
    """
    here = column.values[inside & ~column.missing]
    there = column.values[~inside & ~column.missing]
    if not len(here) or not len(there) or (here != here[0]).any():
        return None
    share = ((there == here[0]).sum() + 1) / (len(there) + 1)
    return float(share ** len(here)) if share <= _MOST else None


def missing_within(column: Column, inside: np.ndarray) -> float | None:
    """Returns the chance that the missing cells lie so, were the class as the others; None where they lie in several.

    They lie in one class only: chance = s ** m, with m the missing cells and s the class's share of the
    records. Or the class has no value at all: chance = q ** n, with n its records, and q the share of
    missing cells elsewhere, counted as if one more had been seen.

    Args:
        column: The feature.
        inside: bool `(records,)`, the class's records.
    """
    missing = column.missing
    here, there = int((missing & inside).sum()), int((missing & ~inside).sum())
    size, others = int(inside.sum()), int((~inside).sum())
    if not here or not size or not others:
        return None
    chances = []
    if there == 0:
        chances.append((size / (size + others)) ** here)
    if here == size:
        chances.append(((there + 1) / (others + 1)) ** size)
    return float(min(chances)) if chances else None


def check_one_class(facts: DataFacts, settings: ValidationSettings) -> list[Finding]:
    """A feature constant, or missing, within one class only, where chance does not explain it: soft."""
    findings = []
    for name, column in facts.sample.columns.items():
        for how, chance_of in _WAYS.items():
            chances = {
                number: chance
                for number in np.unique(facts.sample.labels).tolist()
                if (chance := chance_of(column, facts.sample.labels == number)) is not None
                and chance < _NO_ACCIDENT
            }
            if len(chances) == 1:
                [(number, chance)] = chances.items()
                findings.append(
                    Finding(
                        "one_class_only",
                        "soft",
                        name,
                        chance,
                        _NO_ACCIDENT,
                        f"Feature {name!r} is {how} class {facts.classes[number]!r} only; by chance that has a "
                        f"probability of {chance:.1g}.",
                        "Such a trace of how the data were gathered stands for the class: mend the column, or "
                        "name it in data.drop.",
                    )
                )
    return findings


_WAYS: dict[str, Callable[[Column, np.ndarray], float | None]] = {
    "constant in": constant_within,
    "missing in": missing_within,
}
