import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom

from components.decision_calibrator.prediction_sets import fewest_records, fit_prediction_sets
from components.decision_calibrator.rules.rule_kind import HeldOutRecords
from components.decision_calibrator.settings import DecisionSettings

RESPLITS = 1000


def held_out(probabilities, labels, weights=None):
    weights = np.ones(len(labels)) if weights is None else weights
    classes = tuple(map(str, range(probabilities.shape[1])))
    return HeldOutRecords(probabilities, labels, weights, classes, seed=0)


def pool(counts, seed=0):
    """Records of classes that are told apart the worse the rarer they are."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(counts)), counts)
    logits = random.normal(0, 1, (len(labels), len(counts)))
    logits[np.arange(len(labels)), labels] += 2.0 / (1 + labels)
    odds = np.exp(logits)
    return odds / odds.sum(axis=1, keepdims=True), labels


def by_hand(of_truth, coverage):
    """The smallest probability that the sets must let in: rank by rank, without sorting."""
    for bound in sorted(of_truth, reverse=True):
        if (of_truth >= bound).sum() >= (len(of_truth) + 1) * coverage - 1e-9:
            return bound
    return None


@pytest.mark.parametrize(("coverage", "fewest"), [(0.5, 1), (0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99)])
def test_a_threshold_of_its_own_takes_so_many_records(coverage, fewest):
    assert fewest_records(coverage) == fewest
    of_truth = np.linspace(0.1, 0.9, 120)
    assert by_hand(of_truth[:fewest], coverage) is not None
    assert by_hand(of_truth[: fewest - 1], coverage) is None


@given(st.integers(0, 10**6), st.sampled_from([0.5, 0.8, 0.9]))
def test_thresholds_are_those_of_a_search_over_all_probabilities(seed, coverage):
    probabilities, labels = pool([40, 20, 12], seed)
    sets = fit_prediction_sets(coverage, held_out(probabilities, labels))
    for index in range(3):
        expected = by_hand(probabilities[labels == index, index], coverage)
        assert sets.thresholds[index] == pytest.approx(expected, rel=2e-4)
        # Float32 must not push the record that the threshold is made of out of its set.
        assert sets.thresholds[index] < np.float32(expected)
    assert sets.own_weight.tolist() == [1, 1, 1]


def test_every_class_is_covered_as_often_as_asked_over_resplits():
    """For exchangeable records the covered ones of a split are beta-binomial: see Vovk (2012), Conditional validity."""
    held, tested, coverage = np.array([200, 40, 9]), np.array([300, 60, 30]), 0.9
    probabilities, labels = pool(held + tested)
    random = np.random.default_rng(1)
    covered = np.zeros((RESPLITS, 3), int)
    for split in range(RESPLITS):
        rows = [random.permutation(np.flatnonzero(labels == index)) for index in range(3)]
        fitted = np.concatenate([own[:count] for own, count in zip(rows, held, strict=True)])
        sets = fit_prediction_sets(coverage, held_out(probabilities[fitted], labels[fitted]))
        contained = sets.contain(probabilities)
        covered[split] = [
            contained[own[count:], index].sum()
            for index, (own, count) in enumerate(zip(rows, held, strict=True))
        ]
    for index in range(3):
        rank = np.ceil((held[index] + 1) * coverage - 1e-9)
        expected = betabinom(tested[index], rank, held[index] + 1 - rank)
        assert expected.mean() >= coverage * tested[index] - 1e-9
        error = expected.std() / np.sqrt(RESPLITS)
        assert abs(covered[:, index].mean() - expected.mean()) < 4 * error
        low, high = expected.ppf([0.005, 0.995])
        outside = ((covered[:, index] < low) | (covered[:, index] > high)).mean()
        assert outside < 0.01 + 4 * np.sqrt(0.01 / RESPLITS)


def test_a_class_with_too_few_records_lies_between_its_own_and_that_of_all():
    probabilities, labels = pool([300, 100, 3])
    sets = fit_prediction_sets(0.9, held_out(probabilities, labels))
    of_all = by_hand(probabilities[np.arange(403), labels], 0.9)
    smallest = probabilities[labels == 2, 2].min()
    assert sets.own_weight.tolist() == pytest.approx([1, 1, 3 / 9]) and sets.num_records.tolist() == [
        300,
        100,
        3,
    ]
    assert sets.thresholds[2] == pytest.approx(smallest / 3 + of_all * 2 / 3, rel=2e-4)


def test_a_class_without_records_has_the_threshold_of_all():
    probabilities, labels = pool([50, 50, 50])
    known = labels < 2
    sets = fit_prediction_sets(0.8, held_out(probabilities[known], labels[known]))
    of_all = by_hand(probabilities[known][np.arange(100), labels[known]], 0.8)
    assert sets.thresholds[2] == pytest.approx(of_all, rel=2e-4) and sets.own_weight[2] == 0


def test_records_that_stand_for_several_count_as_often_in_the_threshold_of_all():
    probabilities, labels = pool([30, 30, 2])
    weights = np.where(labels == 0, 3.0, 1.0)
    weighted = fit_prediction_sets(0.8, held_out(probabilities, labels, weights)).thresholds[2]
    of_truth = np.repeat(probabilities[np.arange(62), labels], weights.astype(int))
    smallest = probabilities[labels == 2, 2].min()
    # One more record stands for 122 / 62, and not for one.
    ordered = np.sort(of_truth)[::-1]
    of_all = ordered[int(np.ceil(0.8 * (122 + 122 / 62))) - 1]
    assert weighted == pytest.approx(smallest / 2 + of_all / 2, rel=2e-4)


def test_sets_can_be_empty_and_can_hold_several():
    probabilities, labels = pool([200, 200, 200])
    sets = fit_prediction_sets(0.6, held_out(probabilities, labels)).contain(probabilities)
    assert sets.dtype == bool and {0, 1, 2} <= set(sets.sum(axis=1))


@pytest.mark.parametrize("coverage", [0, 1, 1.5, -0.1])
def test_a_coverage_out_of_range_is_refused(coverage):
    with pytest.raises(ValueError, match="coverage"):
        DecisionSettings(coverage=coverage)
