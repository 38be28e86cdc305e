import numpy as np
import pytest

from models.network.trees.category_statistics import CategoryStatistics

TABLE = np.arange(14, dtype=np.float32).reshape(7, 2)


def test_statistics_stand_in_the_row_that_categories_and_conditions_add_up_to():
    layer = CategoryStatistics(num_conditions=1, num_combinations=2, num_rows=7, num_statistics=2)
    layer.build([(None, 2), (None, 2)])
    # The first column's two categories, then the second's two with the condition.
    weights = ([1], [0.5], [[1, 0], [0, 2], [0, 1]], [0, 3], TABLE)
    layer.set_weights([np.array(each) for each in weights])
    features = np.array([[9, 0.5], [8, 0.6], [7, np.nan]], np.float32)
    found = np.asarray(layer([features, np.array([[0, 1], [1, 0], [2, 1]])]))
    rows = [[0, 5], [1, 4], [2, 5]]
    np.testing.assert_array_equal(found, np.hstack([features, TABLE[rows].reshape(3, 4)]))


def test_there_may_be_no_condition():
    layer = CategoryStatistics(num_conditions=0, num_combinations=1, num_rows=7, num_statistics=2)
    layer.build([(None, 0), (None, 1)])
    layer.set_weights([np.zeros(0), np.zeros(0), np.array([[2]]), np.array([1]), TABLE])
    found = layer([np.zeros((2, 0), np.float32), np.array([[2], [0]])])
    np.testing.assert_array_equal(found, TABLE[[5, 1]])


@pytest.mark.parametrize("values", [(-1, 1, 1, 1), (0, 0, 1, 1), (0, 1, 0, 1), (0, 1, 1, 0)])
def test_sizes_out_of_range_are_refused(values):
    with pytest.raises(ValueError, match="Expected `num_conditions` of at least 0"):
        CategoryStatistics(*values)
