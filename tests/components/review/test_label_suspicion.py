"""Planted mistakes are found, those of the rare class too, sooner than by the loss."""

import numpy as np
import pytest

from components.review.label_suspicion import suspect_labels
from components.review.review_order import interleaved, rarer_class
from tests.components.review.planted import SIZES, Planted, planted, recall_by_class

SEEDS = range(4)


def reviewed(one: Planted, most: int) -> np.ndarray:
    found = suspect_labels(one.probabilities, one.labels, np.zeros(len(one.labels), int), one.embeddings)
    counts = np.bincount(one.labels, minlength=len(SIZES))
    concerns = rarer_class(one.labels, found.suggested, counts)
    return interleaved(np.where(found.suggested != one.labels, found.score, 0), concerns, most)


def by_loss(one: Planted, most: int) -> np.ndarray:
    own = one.probabilities[np.arange(len(one.labels)), one.labels]
    return np.argsort(own, kind="stable")[:most]


@pytest.mark.parametrize("kind", ["random", "confusion"])
def test_of_planted_mistakes_every_classs_are_found_far_above_chance_and_the_rare_ones_above_the_loss(kind):
    ours, loss, first_hundred = [], [], []
    for seed in SEEDS:
        for distance in (3.0, 2.0, 1.5):
            one = planted(seed, kind, distance)
            wrong = int(one.wrong.sum())
            chance = wrong / len(one.labels)
            ours.append(recall_by_class(reviewed(one, wrong), one))
            loss.append(recall_by_class(by_loss(one, wrong), one))
            # Of so many looked at, as many would be found by chance.
            assert (ours[-1][:4] > 4 * chance).all()
            few = [recall_by_class(order(one, 100), one) for order in (reviewed, by_loss)]
            first_hundred.append([[each.mean(), each[-1]] for each in few])
    ours_mean, loss_mean = np.mean(ours, axis=0), np.mean(loss, axis=0)
    print(kind, ours_mean.round(3), loss_mean.round(3), np.mean(first_hundred, axis=0).round(3).tolist())
    assert (ours_mean > 5 * 0.1).all()
    # Of the common classes the loss finds more of the random ones.
    assert ours_mean.mean() > loss_mean.mean() and ours_mean.min() > loss_mean.min() + 0.02
    assert ours_mean[-1] > loss_mean[-1] + 0.1
    (our_macro, our_rare), (loss_macro, loss_rare) = np.mean(first_hundred, axis=0)
    assert our_macro > 1.1 * loss_macro and our_rare > 1.25 * loss_rare


def test_embeddings_find_more_than_answers_alone():
    one = planted(0, "confusion", 1.5)
    sources, wrong = np.zeros(len(one.labels), int), int(one.wrong.sum())
    found = [
        one.wrong[
            np.argsort(-suspect_labels(one.probabilities, one.labels, sources, rows).score)[:wrong]
        ].mean()
        for rows in (None, one.embeddings)
    ]
    assert found[1] > found[0]


def test_answers_of_two_models_are_each_held_against_their_own():
    one = planted(1, "random", 2.0)
    half = np.arange(len(one.labels)) % 2
    timid = one.probabilities.copy()
    # As of a model under another prior and temperature.
    timid[half == 1] = 0.2 + 0.01 * (timid[half == 1] - 0.2)
    together = suspect_labels(timid, one.labels, half)
    alone = suspect_labels(timid[half == 0], one.labels[half == 0], np.zeros((half == 0).sum(), int))
    np.testing.assert_allclose(together.score[half == 0], alone.score)
    np.testing.assert_array_equal(together.confident[half == 0], alone.confident)


def test_a_record_without_an_answer_is_not_suspected():
    one = planted(2, "random", 2.0)
    sources = np.where(np.arange(len(one.labels)) < 4000, 0, -1)
    found = suspect_labels(one.probabilities, one.labels, sources, one.embeddings)
    assert (found.score[4000:] == 0).all() and (found.suggested[4000:] == one.labels[4000:]).all()
    assert not found.confident[4000:].any() and found.score[:4000].max() > 0.9
    none = suspect_labels(one.probabilities, one.labels, np.full(len(one.labels), -1), one.embeddings)
    assert (none.score == 0).all()
