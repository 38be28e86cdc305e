import numpy as np
import pytest

from components.imbalance_validator.one_class import check_one_class, constant_within, missing_within
from components.imbalance_validator.settings import ValidationSettings
from tests.components.imbalance_validator.conftest import ROWS, numbers, texts

INSIDE = np.array([True] * 3 + [False] * 7)
RANDOM = np.random.default_rng(0)
CAT = np.repeat([False, True], list(ROWS.values()))


def test_chance_of_a_constant_by_hand():
    column = numbers([5, 5, 5, 5, 1, 2, 3, 4, 6, 7])
    # One of seven elsewhere, counted as two of eight, three times.
    assert constant_within(column, INSIDE) == pytest.approx((2 / 8) ** 3)


def test_a_class_that_lacks_what_is_rare_elsewhere_is_not_peculiar():
    assert constant_within(numbers([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), INSIDE) is None
    assert constant_within(numbers([0, 0, 1, 0, 0, 0, 0, 0, 0, 1]), INSIDE) is None


def test_chance_of_missing_cells_by_hand():
    gone = np.nan
    assert missing_within(numbers([gone, gone, 1, 2, 3, 4, 5, 6, 7, 8]), INSIDE) == pytest.approx(0.3**2)
    # No value at all in the class, one missing elsewhere: two of eight, three times.
    assert missing_within(numbers([gone] * 3 + [gone, 1, 2, 3, 4, 5, 6]), INSIDE) == pytest.approx(0.25**3)
    assert missing_within(numbers([gone, 1, 2, gone, 3, 4, 5, 6, 7, 8]), INSIDE) is None
    assert missing_within(numbers(np.arange(10)), INSIDE) is None


@pytest.mark.parametrize(
    ("column", "how"),
    [
        (numbers(np.where(CAT, 0.25, RANDOM.normal(size=400))), "constant in"),
        (texts(["fixed" if cat else str(RANDOM.integers(5)) for cat in CAT]), "constant in"),
        (numbers(np.where(CAT & (RANDOM.random(400) < 0.3), np.nan, 1.0 * np.arange(400))), "missing in"),
        (texts([None if cat else "uvw"[RANDOM.integers(3)] for cat in CAT]), "missing in"),
    ],
)
def test_what_holds_for_one_class_only_is_soft(facts_of, column, how):
    [finding] = check_one_class(facts_of(columns={"odd": column}), ValidationSettings())
    assert (finding.severity, finding.subject) == ("soft", "odd")
    assert f"{how} class 'cat' only" in finding.message


def test_what_chance_explains_is_not_named(facts_of):
    rarely_missing = np.arange(400) * 1.0
    rarely_missing[[310, 350]] = np.nan  # Two cats of four hundred records.
    assert check_one_class(facts_of(columns={"odd": numbers(rarely_missing)}), ValidationSettings()) == []
    assert check_one_class(facts_of(columns={"odd": numbers(np.zeros(400))}), ValidationSettings()) == []
