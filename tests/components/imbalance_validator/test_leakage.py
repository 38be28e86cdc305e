import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from components.imbalance_validator.facts import Sample
from components.imbalance_validator.leakage import check_given_away, check_outstanding, feature_aucs
from components.imbalance_validator.settings import ValidationSettings
from tests.components.imbalance_validator.conftest import numbers, texts

SETTINGS = ValidationSettings()


def sample_of(labels, **columns) -> Sample:
    order = np.random.default_rng(1).permutation(len(labels)).astype(np.uint64)
    return Sample(np.asarray(labels, np.int64), order, columns)


def aucs_of(labels, column):
    return feature_aucs(sample_of(labels, x=column), int(np.max(labels)) + 1)["x"]


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("decimals", [0, 3])
def test_auc_of_numbers_is_that_of_scikit_learn(direction, decimals):
    random = np.random.default_rng(5)
    labels = random.permutation(np.repeat([0, 1], [900, 60]))
    values = np.round(random.normal(labels * 1.2 * direction, 1), decimals)
    expected = roc_auc_score(labels, values * direction)
    np.testing.assert_allclose(aucs_of(labels, numbers(values)), [expected, expected], atol=0.02)
    assert (aucs_of(labels, numbers(values)) >= expected - 1e-9).all()


def test_each_class_is_told_from_all_others():
    labels = np.repeat([0, 1, 2], 100)
    random = np.random.default_rng(2)
    values = random.normal(np.where(labels == 2, 5.0, 0.0), 0.5)
    aucs = aucs_of(labels, numbers(values))
    assert aucs[2] == pytest.approx(1) and (aucs[:2] < 0.8).all()


def test_a_class_between_the_others_is_found_by_bins():
    labels = np.repeat([0, 1, 2], 100)
    assert (aucs_of(labels, numbers(labels)) >= 0.999).all()
    many = labels * 1000 + np.tile(np.arange(100), 3)  # All different, so cut by quantiles.
    assert (aucs_of(labels, numbers(many)) > 0.95).all()


def test_categories_that_stand_for_the_class_are_found():
    labels = np.repeat([0, 1], [200, 40])
    codes = [f"{'uv'[label]}{number % 5}" for number, label in enumerate(labels)]
    np.testing.assert_allclose(aucs_of(labels, texts(codes)), 1)


def test_an_id_gets_no_credit_for_naming_every_record():
    labels = np.repeat([0, 1], [200, 100])
    assert (aucs_of(labels, texts([f"id{number}" for number in range(300)])) < 0.55).all()


def test_missing_cells_alone_can_give_the_label_away():
    labels = np.repeat([0, 1], [200, 50])
    values = np.where(labels == 1, np.nan, np.random.default_rng(0).normal(size=250))
    np.testing.assert_allclose(aucs_of(labels, numbers(values)), 1)
    words = texts([None if label else "uvw"[number % 3] for number, label in enumerate(labels)])
    np.testing.assert_allclose(aucs_of(labels, words), 1)


def test_a_column_of_noise_or_of_nothing_tells_nothing():
    labels = np.tile([0, 1], 500)
    assert (aucs_of(labels, numbers(np.random.default_rng(4).normal(size=1000))) < 0.56).all()
    np.testing.assert_allclose(aucs_of(labels, numbers(np.full(1000, np.nan))), 0.5)
    np.testing.assert_allclose(aucs_of(labels, texts([None] * 1000)), 0.5)


def test_a_class_of_a_handful_is_not_judged():
    labels = np.repeat([0, 1, 2], [100, 50, 4])
    aucs = aucs_of(labels, numbers(labels))
    assert np.isnan(aucs[2]) and not np.isnan(aucs[:2]).any()


def test_no_records_and_no_columns_are_no_error():
    assert feature_aucs(Sample(np.empty(0, np.int64), np.empty(0, np.uint64), {}), 3) == {}


def test_a_perfect_feature_is_hard_and_a_feature_perfect_for_one_class_is_soft(facts_of):
    facts = facts_of(aucs={"leak": np.array([1.0, 1.0]), "half": np.array([1.0, 0.7])})
    hard, soft = check_given_away(facts, SETTINGS)
    assert (hard.severity, hard.subject, hard.value, hard.limit) == ("hard", "leak", 1, 0.999)
    assert "gives the label away" in hard.message
    assert (soft.severity, soft.subject) == ("soft", "half") and "gives 'cat' away" in soft.message


def test_what_is_not_judged_does_not_hinder_or_help(facts_of):
    facts = facts_of(aucs={"leak": np.array([1.0, np.nan]), "unknown": np.array([np.nan, np.nan])})
    assert [finding.subject for finding in check_given_away(facts, SETTINGS)] == ["leak"]


def test_the_limit_of_a_perfect_feature_is_a_setting(facts_of):
    facts = facts_of(aucs={"leak": np.array([0.98, 0.98])})
    assert check_given_away(facts, SETTINGS) == []
    assert check_given_away(facts, ValidationSettings(max_feature_auc=0.97))


@pytest.mark.parametrize(
    ("figures", "named"),
    [
        ([0.804, 0.649, 0.617, 0.615], True),  # bank marketing: the length of the call
        ([0.842, 0.834, 0.809, 0.788], False),  # mammography
        ([0.783, 0.691, 0.659, 0.634], False),  # credit
        ([0.70, 0.51, 0.50, 0.50], False),  # alone, but weak
        ([0.99, 0.98, 0.97, 0.60], False),  # easy data
        ([0.90, 0.60], False),  # too few to compare
        ([1.0, 0.6, 0.6], False),  # left to the check of perfect features
    ],
)
def test_an_outstanding_feature_is_named(facts_of, figures, named):
    facts = facts_of(aucs={f"f{place}": np.array([auc, auc]) for place, auc in enumerate(figures)})
    findings = check_outstanding(facts, SETTINGS)
    assert [(finding.subject, finding.severity) for finding in findings] == [("f0", "soft")] * named
