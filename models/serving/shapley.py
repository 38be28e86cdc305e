"""Shapley values in a graph: what each of some players adds to a value, exactly shared out among them."""

import math
from collections.abc import Callable

import numpy as np
import tensorflow as tf

# Of the permutations: an explanation is the same in every version of a model.
_SEED = 0


def shapley_values(
    active: tf.Tensor, value_of: Callable[[tf.Tensor], tf.Tensor], most_evaluations: int
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Shares a value out among players, whose sum it is to the last digits of float64.

    Of a game v over the subsets of k players, the share of player i is

        phi_i = sum over S without i of |S|! (k - |S| - 1)! / k! (v(S + i) - v(S)),    sum_i phi_i = v(all) - v(none)

    A player who is not active changes no value: his share is 0, and he costs no evaluation. Where all subsets of those that
    are active fit, the shares are computed of all of them. Where not, they are means over permutations of the players, in
    each of which a player gets what the value changes by as he joins those before him: unbiased, and exactly additive, as
    each permutation's changes add up to the whole. Each permutation is taken with its reverse, which makes the shares of
    any game exact whose players act alone or by two, and the spread of others smaller. The permutations are fixed. This
    asks nothing of the game, in which trees have no gradients to integrate, and unlike a regression on
    sampled subsets (Kernel SHAP) does no worse where players are more than there are evaluations.

    References:
        Shapley, "A value for n-person games", 1953; Castro et al., "Polynomial calculation of the Shapley value based on
        sampling", 2009; Mitchell et al., "Sampling permutations for Shapley value estimation", 2022,
        https://arxiv.org/abs/2104.12199; Covert and Lee, "Improving KernelSHAP", 2021, https://arxiv.org/abs/2012.01536

    Args:
        active: Whether a player can change the value, bool `(players,)`.
        value_of: From subsets, bool `(subsets, players)`, to their values, float64 `(subsets,)`. Called once.
        most_evaluations: Most subsets to ask for, at least 4; a pair of permutations is always asked for: as many subsets as
            twice the players.

    Returns:
        Shares, float64 `(players,)`, and the values of none and of all, float64 `()`.
    """
    [num_players] = active.shape
    largest = int(math.log2(most_evaluations))
    ranks = _ranks(num_players, largest, most_evaluations)
    joined = tf.reduce_sum(tf.cast(active, tf.int32))
    # The place of each player among the active ones; all others share one behind these.
    places = tf.where(active, tf.cumsum(tf.cast(active, tf.int32)) - 1, joined)

    def design_by_subsets() -> tf.Tensor:
        return _subsets(joined)

    def design_by_paths() -> tf.Tensor:
        return _path_subsets(_positions(ranks, active, joined, most_evaluations), joined)

    def shares_by_subsets() -> tf.Tensor:
        return _shares_of_subsets(members, values, joined, largest)

    def shares_by_paths() -> tf.Tensor:
        return _shares_of_paths(_positions(ranks, active, joined, most_evaluations), values, joined)

    if num_players <= largest:
        members = design_by_subsets()
    else:
        members = tf.cond(joined <= largest, design_by_subsets, design_by_paths)
    values = value_of(tf.gather(tf.pad(members, [[0, 0], [0, 1]]), places, axis=1))
    if num_players <= largest:
        shares = shares_by_subsets()
    else:
        shares = tf.cond(joined <= largest, shares_by_subsets, shares_by_paths)
    return tf.gather(tf.pad(shares, [[0, 1]]), places), values[0], values[-1]


def _subsets(players: tf.Tensor) -> tf.Tensor:
    """Returns all subsets, none first and all last, bool `(2^players, players)`."""
    numbers = tf.range(tf.bitwise.left_shift(1, players))
    bits = tf.bitwise.right_shift(numbers[:, tf.newaxis], tf.range(players)[tf.newaxis])
    return tf.cast(tf.bitwise.bitwise_and(bits, 1), tf.bool)


def _shares_of_subsets(members: tf.Tensor, values: tf.Tensor, players: tf.Tensor, largest: int) -> tf.Tensor:
    weights = np.zeros((largest + 1, largest + 1))
    for k in range(1, largest + 1):
        weights[k, :k] = [math.factorial(s) * math.factorial(k - s - 1) / math.factorial(k) for s in range(k)]
    of_size = tf.gather(tf.constant(weights), players)
    sizes = tf.reduce_sum(tf.cast(members, tf.int32), axis=1, keepdims=True)
    joins, stays_out = tf.gather(of_size, tf.maximum(sizes - 1, 0)), tf.gather(of_size, sizes)
    return tf.reduce_sum(tf.where(members, joins, -stays_out) * values[:, tf.newaxis], axis=0)


def _pairs(players: int | tf.Tensor, most_evaluations: int) -> int | tf.Tensor:
    """Returns how many permutations, each with its reverse, there are evaluations for, at least 1 where cut off there."""
    return (most_evaluations - 2) // (2 * (players - 1))


def _ranks(num_players: int, largest: int, most_evaluations: int) -> np.ndarray:
    """Returns the rank of each player in as many permutations as there may be, int32 `(permutations, players)`."""
    random = np.random.default_rng(_SEED)
    count = max(1, _pairs(largest + 1, most_evaluations))
    return np.stack([random.permutation(num_players) for _ in range(count)]).astype(np.int32)


def _positions(ranks: np.ndarray, active: tf.Tensor, players: tf.Tensor, most_evaluations: int) -> tf.Tensor:
    """Returns the place of each active player in each permutation, and in its reverse, int32 `(orders, players)`."""
    count = tf.maximum(1, _pairs(players, most_evaluations))
    mine = tf.boolean_mask(tf.constant(ranks)[:count], active, axis=1)
    places = tf.argsort(tf.argsort(mine, axis=1), axis=1)
    return tf.concat([places, players - 1 - places], axis=0)


def _path_subsets(positions: tf.Tensor, players: tf.Tensor) -> tf.Tensor:
    """Returns the subsets that players come to as they join by each order, none first and all last."""
    joined = positions[:, tf.newaxis, :] < tf.range(1, players)[:, tf.newaxis]
    paths = tf.reshape(joined, [-1, players])
    none = tf.zeros([1, players], tf.bool)
    return tf.concat([none, paths, tf.logical_not(none)], axis=0)


def _shares_of_paths(positions: tf.Tensor, values: tf.Tensor, players: tf.Tensor) -> tf.Tensor:
    orders = tf.shape(positions)[0]
    paths = tf.reshape(values[1:-1], [orders, players - 1])
    first, last = (tf.fill([orders, 1], one) for one in (values[0], values[-1]))
    along = tf.concat([first, paths, last], axis=1)
    changes = along[:, 1:] - along[:, :-1]
    return tf.reduce_mean(tf.gather(changes, positions, batch_dims=1), axis=0)
