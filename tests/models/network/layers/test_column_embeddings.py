import numpy as np
import pytest

from models.network.layers.column_embeddings import ColumnEmbeddings, embedding_dim


@pytest.mark.parametrize(("vocabulary_size", "dim"), [(1, 2), (10, 6), (100, 22), (100_000, 50)])
def test_vectors_grow_with_the_vocabulary_up_to_fifty(vocabulary_size, dim):
    # 1.6 * 10**0.56 = 5.81 and 1.6 * 100**0.56 = 21.09.
    assert embedding_dim(vocabulary_size) == dim


def test_each_column_is_looked_up_in_a_table_of_its_own():
    layer = ColumnEmbeddings([2, 3], dim=1)
    layer.build((None, 2))
    layer.set_weights([np.array([[10.0], [11.0]]), np.array([[20.0], [21.0], [22.0]])])
    vectors = np.asarray(layer(np.array([[1, 0], [0, 2]], np.int64)))
    assert vectors.tolist() == [[11, 20], [10, 22]]


def test_the_output_is_as_long_as_all_vectors_together():
    layer = ColumnEmbeddings([10, 100])
    assert layer(np.zeros((3, 2), np.int64)).shape == (3, 6 + 22)
    assert tuple(layer.compute_output_shape((3, 2))) == (3, 28)


def test_equal_columns_start_from_different_vectors():
    layer = ColumnEmbeddings([4, 4], dim=3)
    layer.build((None, 2))
    first, second = layer.get_weights()
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("sizes", [[], [3, 0]])
def test_a_column_without_categories_is_refused(sizes):
    with pytest.raises(ValueError, match="number of categories of each column, at least 1"):
        ColumnEmbeddings(sizes)
