"""Epochs that are chosen by other records than those they answer."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from models.strategies.held_out_epochs import answers_of_chosen_epochs

LABELS = np.repeat([0, 1], [80, 20])
ALONE = np.zeros(len(LABELS), np.int64)


def macro_f1(probabilities):
    return f1_score(LABELS, probabilities.argmax(axis=1), average="macro")


def noise(random, epochs=30):
    return [random.dirichlet((3, 1), len(LABELS)) for _ in range(epochs)]


def test_the_best_of_many_restless_epochs_is_no_better_than_any():
    random = np.random.default_rng(0)
    found, best, mean = [], [], []
    for seed in range(30):
        epochs = noise(random)
        found.append(macro_f1(answers_of_chosen_epochs(epochs, LABELS, ALONE, seed)))
        scores = [macro_f1(one) for one in epochs]
        best.append(max(scores))
        mean.append(np.mean(scores))
    assert np.mean(best) > np.mean(mean) + 0.05
    assert np.mean(found) == pytest.approx(np.mean(mean), abs=0.025)


def test_an_epoch_that_is_truly_better_answers_all_records():
    random = np.random.default_rng(1)
    good = 0.6 * np.eye(2)[LABELS] + 0.4 * random.dirichlet((1, 1), len(LABELS))
    epochs = [*noise(random, 5), good, *noise(random, 5)]
    assert (answers_of_chosen_epochs(epochs, LABELS, ALONE, 0) == good).all()


def test_records_of_a_set_are_answered_by_one_epoch():
    random = np.random.default_rng(2)
    units = np.arange(len(LABELS)) // 5 + 1
    epochs = noise(random)
    answers = answers_of_chosen_epochs(epochs, LABELS, units, 0)
    chosen = np.array(
        [[one[row, 0] for one in epochs].index(value) for row, value in enumerate(answers[:, 0])]
    )
    assert all(len(set(chosen[units == unit])) == 1 for unit in units)
    assert len(set(chosen)) > 1


def test_a_class_of_one_set_leaves_no_parts():
    labels = np.array([0, 0, 0, 0, 1])
    epochs = [np.eye(2)[[0, 0, 0, 0, 0]], np.eye(2)[labels]]
    assert (answers_of_chosen_epochs(epochs, labels, np.zeros(5, np.int64), 0) == epochs[1]).all()
