import numpy as np
import pytest

from components.imbalance_validator.ids import check_ids, is_id_like, share_of_different
from components.imbalance_validator.settings import ValidationSettings
from tests.components.imbalance_validator.conftest import numbers, texts

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("row", numbers(RANDOM.permutation(400) + 1)),
        ("x", numbers(RANDOM.choice(1200, 400, replace=False) + 5_000_000)),
        ("customer_id", numbers(RANDOM.choice(10**9, 400, replace=False))),
        ("patientId", numbers(RANDOM.choice(10**9, 400, replace=False))),
        ("serial", texts([f"A{number:04d}" for number in range(400)])),
        ("note", texts([f"A{number}" if number % 30 else None for number in range(400)])),
    ],
)
def test_ids_are_known(name, column):
    assert is_id_like(name, column, num_records=570)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("income", numbers(RANDOM.choice(10**6, 400, replace=False))),
        ("paid", numbers(RANDOM.choice(10**6, 400, replace=False))),
        ("age", numbers(RANDOM.integers(18, 90, 400))),
        ("height", numbers(RANDOM.normal(0, 1, 400))),
        ("row", numbers(np.arange(20))),
        ("city", texts([f"c{number % 50}" for number in range(400)])),
        ("empty_id", numbers(np.full(400, np.nan))),
    ],
)
def test_measurements_and_categories_are_no_ids(name, column):
    assert not is_id_like(name, column, num_records=570)


def test_share_of_different_leaves_missing_values_out():
    assert share_of_different(texts(["a", "a", None, "b"])) == pytest.approx(2 / 3)
    assert share_of_different(numbers([np.nan])) == 0


def test_an_id_is_a_soft_finding(facts_of):
    facts = facts_of(columns={"rid": numbers(np.arange(400))})
    [finding] = check_ids(facts, ValidationSettings())
    assert (finding.severity, finding.subject, finding.value) == ("soft", "rid", 1)
    assert check_ids(facts_of(), ValidationSettings()) == []
