"""Data in numbers, clean but for what a test plants in them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from components.imbalance_validator.facts import Column, DataFacts, Sample
from components.imbalance_validator.leakage import feature_aucs

ROWS = {"dog": 300, "cat": 100}


def numbers(values: Any) -> Column:
    return Column(True, np.asarray(values, float))


def texts(values: list[str | None]) -> Column:
    categories = sorted({value for value in values if value is not None})
    codes = [-1 if value is None else categories.index(value) for value in values]
    return Column(False, np.array(codes, np.int64), tuple(categories))


def clean_facts(**changes: Any) -> DataFacts:
    """Two classes in honest shares; `weight` and `length` tell a little of them, `colour` and `noise` nothing."""
    random = np.random.default_rng(3)
    labels = np.repeat([1, 0], list(ROWS.values()))  # Classes are sorted: cat, dog.
    columns = {
        "weight": numbers(random.normal(labels * 0.6, 1)),
        "length": numbers(random.normal(labels * 0.5, 1)),
        "noise": numbers(random.normal(0, 1, len(labels))),
        "colour": texts(random.choice(["red", "green", "blue"], len(labels)).tolist()),
    }
    columns.update(changes.pop("columns", {}))
    sample = Sample(labels, random.integers(0, 2**63, len(labels)).astype(np.uint64), columns)
    facts = DataFacts(
        classes=("cat", "dog"),
        splits=("train", "eval", "test"),
        counts=np.array([[100, 300], [21, 64], [22, 64]]),
        splits_given=False,
        sample=sample,
        aucs=feature_aucs(sample, 2),
        previous={"cat": 140, "dog": 425},
    )
    return replace(facts, **changes)


@pytest.fixture
def facts_of() -> Callable[..., DataFacts]:
    """Makes clean facts with changes: `facts_of(counts=..., columns={...})`."""
    return clean_facts
