import functools
import itertools
from operator import attrgetter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from components.decision_calibrator.decision_weights import choose_weights
from components.evaluation.objectives import balanced_accuracy, macro_f1, with_floors


def records(size, num_classes, seed):
    random = np.random.default_rng(seed)
    labels = random.choice(
        num_classes, size, p=np.geomspace(1, 0.2, num_classes) / np.geomspace(1, 0.2, num_classes).sum()
    )
    probabilities = random.dirichlet(np.ones(num_classes), size)
    probabilities[np.arange(size), labels] += 0.3
    return probabilities / probabilities.sum(axis=1, keepdims=True), labels


def decide(probabilities, weights):
    return (probabilities * weights).argmax(axis=1)


def sklearn_macro_f1(labels, decisions):
    return f1_score(labels, decisions, average="macro", zero_division=0)


@settings(max_examples=40)
@given(st.integers(2, 40), st.integers(0, 10**6))
def test_two_classes_reach_what_trying_every_threshold_reaches(size, seed):
    probabilities, labels = records(size, 2, seed)
    weights = choose_weights(probabilities, labels, macro_f1, seed=0)
    of_rare = probabilities[:, 1]
    points = np.sort(of_rare)
    cuts = [-1.0, *((points[1:] + points[:-1]) / 2), 2.0]
    best = max(sklearn_macro_f1(labels, (of_rare > cut).astype(int)) for cut in cuts)
    assert sklearn_macro_f1(labels, decide(probabilities, weights)) == pytest.approx(best)


def scores_by_hand(labels, decisions):
    """Returns macro-F1 and balanced accuracy for decisions `(trials, n)`."""
    of_class = []
    for index in range(3):
        hits = ((decisions == index) & (labels == index)).sum(axis=1)
        decided, support = (decisions == index).sum(axis=1), (labels == index).sum()
        of_class.append((2 * hits / np.maximum(decided + support, 1), hits / support))
    return np.mean(of_class, axis=0)


@functools.cache
def best_by_brute_force(seed):
    """Returns the highest macro-F1 and balanced accuracy that any weights on a grid reach."""
    probabilities, labels = records(25, 3, seed)
    grid = np.exp(np.linspace(-4, 4, 161))
    trials = np.array([[1, *pair] for pair in itertools.product(grid, grid)])
    tried = (probabilities * trials[:, np.newaxis]).argmax(axis=2)
    return scores_by_hand(labels, tried).max(axis=1)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("place", "objective"), enumerate([macro_f1, balanced_accuracy]))
def test_three_classes_reach_what_brute_force_reaches(seed, place, objective):
    probabilities, labels = records(25, 3, seed)
    chosen = decide(probabilities, choose_weights(probabilities, labels, objective, seed=0))
    reached = scores_by_hand(labels, chosen[np.newaxis])[place]
    assert reached >= best_by_brute_force(seed)[place] - 1e-9


def test_never_worse_than_the_most_probable_class():
    for seed in range(10):
        probabilities, labels = records(400, 5, seed)
        weights = choose_weights(probabilities, labels, macro_f1, seed=0)
        gain = sklearn_macro_f1(labels, decide(probabilities, weights))
        assert gain >= sklearn_macro_f1(labels, probabilities.argmax(axis=1))


def test_balanced_accuracy_of_true_posteriors_weighs_by_the_inverse_prior():
    random = np.random.default_rng(0)
    labels = (random.random(50_000) < 0.1).astype(int)
    x = random.normal(labels * 2.0, 1)
    rare = 0.1 * np.exp(2 * x - 2)
    probabilities = np.stack([0.9 / (0.9 + rare), rare / (0.9 + rare)], axis=1)
    weights = choose_weights(probabilities, labels, balanced_accuracy, seed=0)
    assert weights[0] == 1 and weights[1] == pytest.approx(9, rel=0.25)


@pytest.mark.parametrize("floor", [0.5, 0.8, 1.0])
def test_recall_floor_is_kept_at_the_least_cost(floor):
    probabilities, labels = records(120, 3, 3)
    floors = np.array([0.0, 0.0, floor])
    weights = choose_weights(probabilities, labels, with_floors(floors, attrgetter("recall")), seed=0)
    decisions = decide(probabilities, weights)
    assert (decisions[labels == 2] == 2).mean() >= floor
    without = sklearn_macro_f1(
        labels, decide(probabilities, choose_weights(probabilities, labels, macro_f1, 0))
    )
    assert sklearn_macro_f1(labels, decisions) <= without + 1e-12


def test_precision_floor_is_kept():
    probabilities, labels = records(200, 2, 5)
    free = decide(probabilities, choose_weights(probabilities, labels, macro_f1, seed=0))
    wanted = min(1.0, (labels[free == 1] == 1).mean() + 0.1)
    floor = with_floors(np.array([0.0, wanted]), attrgetter("precision"))
    weights = choose_weights(probabilities, labels, floor, seed=0)
    decisions = decide(probabilities, weights)
    assert (labels[decisions == 1] == 1).mean() >= wanted


def test_a_record_that_counts_twice_is_as_good_as_two():
    probabilities, labels = records(60, 3, 8)
    counts = np.where(labels == 2, 3, 1)
    repeated = np.repeat(np.arange(60), counts)
    once = choose_weights(probabilities, labels, macro_f1, 0, record_weights=counts.astype(float))
    many = choose_weights(probabilities[repeated], labels[repeated], macro_f1, 0)
    scores = [
        sklearn_macro_f1(labels[repeated], decide(probabilities[repeated], weights))
        for weights in (once, many)
    ]
    assert scores[0] == pytest.approx(scores[1])


def test_equal_probabilities_go_over_together():
    probabilities = np.full((6, 2), 0.5)
    weights = choose_weights(probabilities, np.array([0, 0, 0, 0, 1, 1]), macro_f1, seed=0)
    assert np.isfinite(weights).all() and (weights > 0).all()


def test_same_seed_gives_the_same_weights():
    probabilities, labels = records(300, 4, 1)
    first, second = (choose_weights(probabilities, labels, macro_f1, seed=7) for _ in range(2))
    np.testing.assert_array_equal(first, second)
