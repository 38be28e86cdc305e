"""Shapley values in the graph against their definition, over all subsets in NumPy, and against their axioms."""

from itertools import combinations
from math import factorial

import numpy as np
import pytest
import tensorflow as tf

from models.serving.shapley import shapley_values


def by_definition(game: dict[tuple[int, ...], float], players: int) -> np.ndarray:
    """Sums over all subsets without each player, as the formula says."""
    shares = np.zeros(players)
    for player in range(players):
        others = [one for one in range(players) if one != player]
        for size in range(players):
            weight = factorial(size) * factorial(players - size - 1) / factorial(players)
            for subset in combinations(others, size):
                with_it = tuple(sorted((*subset, player)))
                shares[player] += weight * (game[with_it] - game[subset])
    return shares


def random_game(players: int, seed: int) -> dict[tuple[int, ...], float]:
    random = np.random.default_rng(seed)
    subsets = (one for size in range(players + 1) for one in combinations(range(players), size))
    return {subset: float(random.normal(0, 3)) for subset in subsets}


def value_of_game(game):
    def value_of(members):
        rows = members.numpy()
        return tf.constant([game[tuple(np.flatnonzero(row).tolist())] for row in rows], tf.float64)

    return value_of


def by_two(players: int, seed: int):
    """A game of players who act alone and by two, with its shares in closed form."""
    random = np.random.default_rng(seed)
    alone, pairs = random.normal(size=players), np.triu(random.normal(size=(players, players)), 1)

    def value_of(members):
        present = tf.cast(members, tf.float64)
        together = tf.reduce_sum((present @ pairs) * present, axis=1)
        return tf.linalg.matvec(present, alone) + together + 5.0

    return value_of, alone + (pairs + pairs.T).sum(axis=1) / 2


@pytest.mark.parametrize("players", [1, 2, 3, 5, 6])
def test_all_subsets_give_the_values_of_the_definition(players):
    game = random_game(players, seed=players)
    shares, none, whole = shapley_values(tf.fill([players], True), value_of_game(game), 64)
    np.testing.assert_allclose(shares, by_definition(game, players), atol=1e-12)
    assert (none, whole) == (game[()], game[tuple(range(players))])


@pytest.mark.parametrize("players", [4, 7, 20, 70])
def test_the_shares_add_up_whatever_the_game(players):
    weights = np.random.default_rng(players).normal(size=(players, 9))

    def value_of(members):
        return tf.reduce_prod(tf.sin(tf.cast(members, tf.float64) @ weights + 1), axis=1)

    shares, none, whole = shapley_values(tf.fill([players], True), value_of, 64)
    assert float(tf.reduce_sum(shares)) == pytest.approx(float(whole - none), abs=1e-12)


@pytest.mark.parametrize("players", [7, 12, 40])
def test_a_permutation_with_its_reverse_is_exact_where_players_act_by_two(players):
    value_of, expected = by_two(players, seed=players)
    shares, *_ = shapley_values(tf.fill([players], True), value_of, 64)
    np.testing.assert_allclose(shares, expected, atol=1e-9)


def test_who_is_not_active_gets_nothing_and_costs_nothing():
    active = np.zeros(40, bool)
    active[[3, 17, 30]] = True
    game, asked = random_game(3, seed=9), []

    def value_of(members):
        asked.append(members.shape)
        assert not members.numpy()[:, ~active].any()
        return value_of_game(game)(tf.boolean_mask(members, active, axis=1))

    shares, *_ = shapley_values(tf.constant(active), value_of, 64)
    np.testing.assert_allclose(shares.numpy()[active], by_definition(game, 3), atol=1e-12)
    assert not shares.numpy()[~active].any() and asked == [(8, 40)]
    nobody, none, whole = shapley_values(
        tf.fill([40], False), lambda members: tf.constant([2.0], tf.float64), 64
    )
    assert not nobody.numpy().any() and none == whole == 2


@pytest.mark.parametrize(("players", "most"), [(6, 64), (7, 64), (12, 64), (31, 64), (32, 64), (200, 64)])
def test_no_more_subsets_are_asked_for_than_may_be(players, most):
    sizes = []

    def value_of(members):
        sizes.append(members.shape[0])
        assert not members[0].numpy().any() and members[-1].numpy().all()
        return tf.reduce_sum(tf.cast(members, tf.float64), axis=1)

    shapley_values(tf.fill([players], True), value_of, most)
    assert sizes[0] <= max(most, 2 * players) and sizes[0] > most / 4


def test_players_of_equal_say_get_equal_shares():
    weights = tf.constant([[1.0], [0.3], [1.0], [-2.0]], tf.float64)
    shares, *_ = shapley_values(
        tf.fill([4], True), lambda members: tf.sin(tf.cast(members, tf.float64) @ weights)[:, 0], 64
    )
    assert float(shares[0]) == pytest.approx(float(shares[2]), abs=1e-14)
    assert abs(float(shares[0] - shares[1])) > 0.01


def test_a_graph_answers_as_its_operations_do_one_by_one():
    for players, count in ((5, 5), (20, 4), (20, 20)):
        active = np.arange(players) < count
        value_of, _ = by_two(players, seed=1)
        graph = tf.function(lambda active, value_of=value_of: shapley_values(active, value_of, 64))
        for one, other in zip(
            graph(tf.constant(active)), shapley_values(tf.constant(active), value_of, 64), strict=True
        ):
            np.testing.assert_allclose(one, other, atol=1e-12)
