import numpy as np
import pytest
import tensorflow as tf

from models.network.trees import oblivious_trees
from models.network.trees.oblivious_trees import ObliviousTrees


def built(border_features, borders, splits, leaf_values, bias):
    num_trees, num_leaves, outputs = np.shape(leaf_values)
    layer = ObliviousTrees(num_trees, num_leaves.bit_length() - 1, len(borders), outputs)
    layer.build((None, int(np.max(border_features)) + 1))
    layer.set_weights([np.asarray(each) for each in (border_features, borders, splits, leaf_values, bias)])
    return layer


def drawn(random, num_trees, depth, outputs, num_features=4, num_borders=9):
    return (
        random.integers(0, num_features, num_borders),
        random.normal(size=num_borders).astype(np.float32),
        random.integers(0, num_borders, (num_trees, depth)),
        random.normal(size=(num_trees, 2**depth, outputs)),
        random.normal(size=outputs),
    )


def by_walking(features, border_features, borders, splits, leaf_values, bias):
    """Walks record by record and tree by tree."""
    sums = np.tile(bias, (len(features), 1))
    for row, record in enumerate(features):
        for tree, asked in enumerate(splits):
            leaf = sum(2**bit for bit, b in enumerate(asked) if record[border_features[b]] > borders[b])
            sums[row] += leaf_values[tree, leaf]
    return sums


def test_a_tree_asks_from_the_lowest_bit_up_and_a_missing_value_is_above_nothing():
    layer = built([0, 1], [0.5, -1.0], [[1, 0]], [[[1.0], [2], [3], [4]]], [10.0])
    features = [[0, -1], [0, 0], [1, -1], [1, 0], [np.nan, 0], [np.nan, np.nan]]
    assert np.asarray(layer(np.array(features, np.float32)))[:, 0].tolist() == [11, 12, 13, 14, 12, 11]


@pytest.mark.parametrize(
    ("num_trees", "depth", "outputs"), [(1, 1, 1), (5, 3, 2), (3, 8, 1), (2, 10, 3), (0, 1, 2)]
)
@pytest.mark.parametrize("num_records", [0, 1, 2, 37])
def test_answers_are_those_of_walking_down_each_tree(num_trees, depth, outputs, num_records, monkeypatch):
    # Parts of a dozen records at most.
    monkeypatch.setattr(oblivious_trees, "_LOOKUPS_AT_ONCE", 12 * max(1, num_trees))
    random = np.random.default_rng(num_trees)
    trees = drawn(random, num_trees, depth, outputs)
    features = random.normal(size=(num_records, 4)).astype(np.float32)
    features[random.random(features.shape) < 0.2] = np.nan
    found = np.asarray(built(*trees)(features))
    assert found.dtype == np.float32 and found.shape == (num_records, outputs)
    np.testing.assert_allclose(found, by_walking(features, *trees), rtol=1e-5, atol=1e-5)


def test_values_that_cancel_out_leave_what_remains():
    # In float32 one would be lost beside a hundred million.
    leaf_values = np.array([[[1e8], [0]], [[1], [0]], [[-1e8], [0]]])
    layer = built([0], [np.inf], [[0], [0], [0]], leaf_values, [0])
    assert float(layer(tf.zeros((1, 1)))[0, 0]) == 1


@pytest.mark.parametrize("group_sizes", [[2, 4], [-1, 6]])
def test_groups_that_are_not_all_trees_are_refused(group_sizes):
    with pytest.raises(ValueError, match="Expected `group_sizes` of at least 0, whose sum is"):
        ObliviousTrees(5, 1, 1, 1, group_sizes)


@pytest.mark.parametrize("values", [(-1, 1, 1, 1), (1, 0, 1, 1), (1, 17, 1, 1), (1, 1, 0, 1), (1, 1, 1, 0)])
def test_sizes_out_of_range_are_refused(values):
    with pytest.raises(ValueError, match="Expected `num_trees` of at least 0"):
        ObliviousTrees(*values)
