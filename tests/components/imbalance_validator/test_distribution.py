import math

import numpy as np
import pytest

from components.imbalance_validator.distribution import (
    check_balance,
    check_class_count,
    check_every_split,
    effective_number_of_classes,
    entropy,
    imbalance_ratio,
)
from components.imbalance_validator.settings import ValidationSettings


def test_entropy_of_ninety_and_ten_by_hand():
    by_hand = -(0.9 * math.log(0.9) + 0.1 * math.log(0.1))
    assert entropy(np.array([90, 10])) == pytest.approx(by_hand)
    assert effective_number_of_classes(np.array([90, 10])) == pytest.approx(1.38, abs=0.005)


@pytest.mark.parametrize("classes", [1, 2, 10, 100])
def test_equally_large_classes_count_in_full(classes):
    assert effective_number_of_classes(np.full(classes, 7)) == pytest.approx(classes)


def test_a_class_without_records_does_not_count():
    assert effective_number_of_classes(np.array([5, 0, 5])) == pytest.approx(2)
    assert imbalance_ratio(np.array([5, 0, 5])) is None
    assert imbalance_ratio(np.array([30, 4])) == 7.5


def test_a_class_absent_from_splits_is_named_with_them(facts_of):
    facts = facts_of(counts=np.array([[12, 300], [0, 64], [0, 64]]))
    [finding] = check_every_split(facts, ValidationSettings())
    assert finding.severity == "hard" and finding.subject == "cat"
    assert "no example in eval and test (there are 12 in train)" in finding.message


def test_class_count_is_over_all_splits_and_may_be_just_enough(facts_of):
    facts = facts_of(counts=np.array([[8, 300], [1, 64], [1, 64]]))
    assert check_class_count(facts, ValidationSettings(min_class_count=10)) == []
    [finding] = check_class_count(facts, ValidationSettings(min_class_count=11))
    assert (finding.subject, finding.value, finding.limit) == ("cat", 10, 11)


def test_imbalance_is_a_note_without_a_limit_and_hard_above_it(facts_of):
    facts = facts_of(counts=np.array([[30, 300], [10, 64], [10, 64]]))
    assert {finding.severity for finding in check_balance(facts, ValidationSettings())} == {"note"}
    kept = check_balance(facts, ValidationSettings(max_imbalance_ratio=10))
    assert {finding.severity for finding in kept} == {"note"}
    ratio, *_ = check_balance(facts, ValidationSettings(max_imbalance_ratio=9.9))
    assert (ratio.severity, ratio.value, ratio.limit) == ("hard", 10, 9.9)
    assert "'dog' for one of 'cat'" in ratio.message
