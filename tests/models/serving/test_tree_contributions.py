"""Shapley values of oblivious trees in the graph, against sums of each tree's own by the definition in NumPy."""

from itertools import combinations
from math import factorial

import numpy as np
import pytest
import tensorflow as tf

from models.network.trees.oblivious_trees import ObliviousTrees
from models.serving.shapley import shapley_values

TREES = 25


def random_trees(columns: int, depth: int, seed: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {
        "border_features": random.integers(0, columns, 60).astype(np.float32),
        "borders": random.normal(size=60).astype(np.float32),
        "splits": random.integers(0, 60, (TREES, depth)).astype(np.float32),
        "leaf_values": random.normal(size=(TREES, 2**depth, 1)).astype(np.float32),
        "bias": np.array([0.3], np.float32),
    }


def answer_of_tree(trees: dict[str, np.ndarray], tree: int, row: np.ndarray) -> float:
    leaf = 0
    for level, border in enumerate(trees["splits"][tree].astype(int)):
        above = row[int(trees["border_features"][border])] > trees["borders"][border]
        leaf += int(above) * 2**level
    return float(trees["leaf_values"][tree, leaf, 0])


def shares_by_tree(trees: dict[str, np.ndarray], row: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Adds up trees, each a game of the few columns that it asks about, as SHAP's TreeExplainer does for one background row."""
    shares = np.zeros(len(row))
    for tree in range(TREES):
        asked = sorted({int(trees["border_features"][int(border)]) for border in trees["splits"][tree]})
        for column in asked:
            others = [one for one in asked if one != column]
            for subset in (one for size in range(len(asked)) for one in combinations(others, size)):
                weight = factorial(len(subset)) * factorial(len(others) - len(subset)) / factorial(len(asked))
                without, with_it = reference.copy(), reference.copy()
                without[list(subset)], with_it[list(subset)] = row[list(subset)], row[list(subset)]
                with_it[column] = row[column]
                gain = answer_of_tree(trees, tree, with_it) - answer_of_tree(trees, tree, without)
                shares[column] += weight * gain
    return shares


@pytest.mark.parametrize(
    ("columns", "depth"),
    [
        pytest.param(6, 4, id="all subsets"),
        pytest.param(24, 2, id="permutations, where two columns act together"),
    ],
)
def test_trees_are_shared_out_as_each_tree_is(columns, depth):
    trees = random_trees(columns, depth, seed=columns)
    layer = ObliviousTrees(TREES, depth, 60, 1)
    layer.build((None, columns))
    layer.set_weights([trees[name] for name in ObliviousTrees.WEIGHTS])
    row, reference = np.random.default_rng(1).normal(size=(2, columns)).astype(np.float32)

    def value_of(members):
        return tf.cast(layer(tf.where(members, row, reference))[:, 0], tf.float64)

    shares, none, whole = shapley_values(tf.fill([columns], True), value_of, 64)
    expected = shares_by_tree(trees, row, reference)
    np.testing.assert_allclose(shares, expected, atol=1e-5)
    assert float(whole - none) == pytest.approx(expected.sum(), abs=1e-4) and np.abs(expected).max() > 0.3
