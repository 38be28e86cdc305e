import numpy as np
import pytest

from models.network.trees.tree_columns import TreeColumns

NUMERIC = np.array([[1.5, 0.0], [0.0, -2.0]], np.float32)
MISSING = np.array([[0, 1], [1, 0]], np.float32)
CATEGORICAL = np.array([[2, 1, 0], [0, 0, 1]])
STATISTICS = np.arange(8, dtype=np.float32).reshape(4, 2)


def test_numbers_have_gaps_and_categories_flags_or_statistics_in_the_columns_order():
    layer = TreeColumns((2, 3, 2), (False, True, False), num_statistics=2)
    layer.build([(None, 2), (None, 2), (None, 3)])
    layer.set_weights([STATISTICS])
    found = np.asarray(layer([NUMERIC, MISSING, np.minimum(CATEGORICAL, [1, 2, 1])]))
    gap = np.nan
    np.testing.assert_array_equal(found, [[1.5, gap, 2, 3, 0, 1, 0, 4, 5], [gap, -2, 0, 1, 1, 0, 0, 6, 7]])


def test_there_may_be_categories_alone():
    layer = TreeColumns((3,), (True,))
    np.testing.assert_array_equal(layer([CATEGORICAL[:, :1]]), [[0, 0, 1], [1, 0, 0]])
    assert layer.weights == []


@pytest.mark.parametrize("arguments", [((2, 3), (True,)), ((2,), (True,), 0)])
def test_lengths_that_differ_are_refused(arguments):
    with pytest.raises(ValueError, match="as long as `categorical_sizes`"):
        TreeColumns(*arguments)
