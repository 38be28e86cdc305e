"""New records worth a label: how many it takes to learn a rare class, against drawing at random."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from components.review.new_records import records_to_label
from components.review.unlike_training import unlike_training
from components.review.worth_a_label import rare_class_doubt, spread_out

POOL, RARE, FIRST, STEP = 5000, 0.01, 100, 50


def draw(random: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws rows of a common class and of a rare one that comes in two kinds."""
    labels = (np.arange(size) < RARE * size).astype(int)
    random.shuffle(labels)
    kinds = np.zeros((2, 8))
    kinds[0, 0], kinds[1, 1], kinds[1, 2] = 3.6, -3.6, 1.0
    rows = random.normal(0, 1, (size, 8))
    rows[labels == 1] += kinds[random.integers(0, 2, labels.sum())]
    return rows, labels


def labels_needed(seed: int, by_doubt: bool) -> int:
    """Returns how many labels it takes to 0.95 of the average precision that the labels of the whole pool give."""
    random = np.random.default_rng(seed)
    (rows, labels), (test_rows, test_labels) = draw(random, POOL), draw(random, 2 * POOL)

    def fitted(known: np.ndarray):
        model = make_pipeline(
            PolynomialFeatures(2), StandardScaler(), LogisticRegression(C=0.3, max_iter=300)
        )
        model.fit(rows[known], labels[known])
        return model, average_precision_score(test_labels, model.predict_proba(test_rows)[:, 1])

    wanted = 0.95 * fitted(np.ones(POOL, bool))[1]
    known = np.zeros(POOL, bool)
    for place, count in ((0, FIRST - 2), (1, 2)):
        known[random.permutation(np.flatnonzero(labels == place))[:count]] = True
    while True:
        model, reached = fitted(known)
        if reached >= wanted:
            return int(known.sum())
        pool = np.flatnonzero(~known)
        if by_doubt:
            prior = np.bincount(labels[known]) / known.sum()
            doubt = rare_class_doubt(model.predict_proba(rows[pool]), prior)
            known[pool[spread_out(doubt, rows[pool], STEP)]] = True
        else:
            known[random.choice(pool, STEP, replace=False)] = True


@pytest.mark.slow
def test_a_rare_class_is_learnt_with_a_fraction_of_the_labels_that_chance_takes():
    ours = [labels_needed(seed, by_doubt=True) for seed in range(5)]
    chance = [labels_needed(seed, by_doubt=False) for seed in range(5)]
    print("labels needed:", ours, "at random:", chance)
    assert all(mine < theirs for mine, theirs in zip(ours, chance, strict=True))
    assert np.mean(ours) < np.mean(chance) / 4


def test_doubt_is_greatest_between_even_odds_and_the_prior():
    prior = np.array([0.99, 0.01])
    shares = np.linspace(0, 1, 1001)
    doubt = rare_class_doubt(np.stack([1 - shares, shares], axis=1), prior)
    # Where p_1 / sqrt(0.01) equals p_0 / sqrt(0.99).
    assert shares[doubt.argmax()] == pytest.approx(0.1 / (0.1 + 0.99**0.5), abs=1e-3)
    assert doubt.max() == pytest.approx(1, abs=1e-4) and doubt.min() == pytest.approx(0, abs=1e-9)


def test_copies_of_a_doubtful_record_are_chosen_last():
    random = np.random.default_rng(0)
    rows = random.normal(0, 1, (40, 3))
    rows[:10] = rows[0]
    doubt = np.where(np.arange(40) < 10, 0.9, 0.5)
    chosen = spread_out(doubt, rows, 31)
    assert chosen[0] == 0 and set(chosen[1:]) == set(range(10, 40))
    assert sorted(spread_out(doubt, rows, 50)) == list(range(40))


def test_the_first_is_the_most_doubtful_and_nothing_comes_twice():
    random = np.random.default_rng(1)
    doubt = random.random(300)
    chosen = spread_out(doubt, random.normal(0, 1, (300, 4)), 50)
    assert chosen[0] == doubt.argmax() and len(set(chosen.tolist())) == 50
    # Apart from each other, and still doubtful.
    assert doubt[chosen].mean() > 0.6


def test_records_far_from_all_that_was_trained_on_are_unlike_it_and_few_others():
    random = np.random.default_rng(2)
    labels = np.arange(600) % 2
    known = random.normal(0, 1, (600, 5)) + 4 * labels[:, None] + 3
    strange = random.normal(0, 1, (20, 5)) * [1, 1, 1, 1, 1] + [-30, 30, 0, -30, 30]
    new = np.concatenate([strange, random.normal(0, 1, (2000, 5)) + 3])
    unlike = unlike_training(known[:400], labels[:400], known[400:], new, 0)
    assert (unlike[:20] > 0.98).all() and (unlike[20:] > 0).mean() < 0.03
    assert unlike_training(known[:400], labels[:400], known[400:], new[:0], 0).shape == (0,)


def test_every_fourth_is_unlike_while_there_are_any_and_each_stands_once():
    random = np.random.default_rng(3)
    probabilities = random.dirichlet([1, 1], 60)
    unlike = np.where(np.arange(60) < 3, 0.999, 0.0)
    keys = [f"new {row}" for row in range(60)]
    items = records_to_label(
        keys,
        ["a", "b"],
        probabilities,
        np.array([0.9, 0.1]),
        random.normal(0, 1, (60, 2)),
        unlike,
        "new.csv",
        20,
    )
    assert [place for place, one in enumerate(items) if one.kind == "unlike"] == [0, 4, 8]
    assert len(items) == 20 == len({one.key for one in items}) and all(one.is_new for one in items)
