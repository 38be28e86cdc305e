"""Decisions by rules that are fitted on other records."""

import numpy as np
import pytest

from components.strategy_search.decide import decided
from core.strategy_plan import ClassFacts, HeldOutAnswers

SIZES = (300, 60)


def answers(signal, seed=0, sizes=SIZES, prior=None):
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    shares = np.array(sizes) / sum(sizes) if prior is None else np.array(prior)
    logits = random.normal(size=(len(labels), len(sizes))) + np.log(shares)
    logits[np.arange(len(labels)), labels] += signal
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return HeldOutAnswers(labels, np.zeros(len(labels), np.int64), probabilities, shares)


def balanced_accuracy(labels, decisions):
    return np.mean([(decisions[labels == index] == index).mean() for index in np.unique(labels)])


def test_with_argmax_the_network_answers_itself():
    given = answers(1.0, prior=(0.5, 0.5))
    found = decided("argmax", given, ClassFacts(SIZES), 0)
    assert (found.decisions == given.probabilities.argmax(axis=1)).all()
    assert found.probabilities is given.probabilities


def test_shares_that_the_experiment_names_are_put_in():
    given = answers(1.0)
    found = decided("argmax", given, ClassFacts(SIZES, (0.5, 0.5)), 0)
    corrected = given.probabilities / given.prior
    assert (found.decisions == corrected.argmax(axis=1)).all()
    assert (found.decisions == 1).sum() > (given.probabilities.argmax(axis=1) == 1).sum()


@pytest.mark.parametrize("rule", ["macro_f1", "balanced_accuracy"])
def test_a_rule_finds_more_of_the_rare_class(rule):
    given = answers(1.2)
    plain = decided("argmax", given, ClassFacts(SIZES), 0).decisions
    found = decided(rule, given, ClassFacts(SIZES), 0).decisions
    assert balanced_accuracy(given.labels, found) > balanced_accuracy(given.labels, plain) + 0.05


def test_of_noise_a_rule_makes_nothing():
    """Fitted on the records that it decides, it would make balanced accuracy above a half of noise."""
    reached = []
    for seed in range(40):
        given = answers(0.0, seed, (60, 20))
        found = decided("balanced_accuracy", given, ClassFacts((60, 20)), 0)
        reached.append(balanced_accuracy(given.labels, found.decisions))
    assert np.mean(reached) == pytest.approx(0.5, abs=0.03)


def test_records_of_a_set_are_decided_by_the_same_weights():
    given = answers(0.5)
    units = np.arange(len(given.labels)) // 2 + 1
    in_sets = HeldOutAnswers(given.labels, units, given.probabilities, given.prior)
    found = decided("balanced_accuracy", in_sets, ClassFacts(SIZES), 0)
    # Where decisions are drawn by one threshold, the largest probability refused lies below the least one taken.
    for rows in np.split(np.argsort(units, kind="stable"), len(units) // 2):
        rare = given.probabilities[rows, 1]
        order = np.argsort(rare)
        assert found.decisions[rows][order].tolist() == sorted(found.decisions[rows].tolist())
