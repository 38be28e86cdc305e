import keras
import numpy as np
import pytest

from models.network.trees.tree_columns import TreeColumns

NUMERIC = np.array([[1.5, 0.0], [0.0, -2.0]], np.float32)
MISSING = np.array([[0, 1], [1, 0]], np.float32)
CATEGORICAL = np.array([[2, 1, 0], [0, 0, 1]])


def test_numbers_have_gaps_and_categories_flags_in_the_columns_order():
    layer = TreeColumns((3, 9, 2), (True, False, True))
    found = np.asarray(layer([NUMERIC, MISSING, CATEGORICAL]))
    np.testing.assert_array_equal(found, [[1.5, np.nan, 0, 0, 1, 1, 0], [np.nan, -2, 1, 0, 0, 0, 1]])


@pytest.mark.parametrize("flags", [True, False])
def test_there_may_be_categories_alone_also_out_of_a_file(flags):
    categories = keras.Input((1,), dtype="int64")
    model = keras.Model(categories, TreeColumns((3,), (flags,))(categories))
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(model))
    expected = np.eye(3)[[2, 0]] if flags else np.zeros((2, 0))
    for each in (model, copy):
        np.testing.assert_array_equal(each(CATEGORICAL[:, :1]), expected)


def test_lengths_that_differ_are_refused():
    with pytest.raises(ValueError, match="as long as `categorical_sizes`"):
        TreeColumns((2, 3), (True,))
