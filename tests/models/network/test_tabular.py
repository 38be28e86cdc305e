import numpy as np
import pytest

from models.network.tabular import mlp
from models.settings import TabularModelSettings

NUMERIC = {"numeric": np.array([[0.5, -1.0]], np.float32), "missing": np.array([[0.0, 1.0]], np.float32)}
CATEGORICAL = {"categorical": np.array([[1, 2, 0]], np.int64)}


@pytest.mark.parametrize(
    ("num_numeric", "sizes", "inputs"),
    [(2, (), NUMERIC), (0, (2, 3, 4), CATEGORICAL), (2, (2, 3, 4), NUMERIC | CATEGORICAL)],
    ids=["numeric", "categorical", "both"],
)
def test_every_mix_of_columns_ends_in_the_last_layers_units(num_numeric, sizes, inputs):
    model = mlp(TabularModelSettings(hidden_units=(16, 5)), num_numeric, sizes)
    assert set(model.input) == set(inputs)
    assert np.asarray(model(inputs)).shape == (1, 5)


def test_one_layer_computes_the_relu_of_soft_clipped_values_flags_and_vectors():
    model = mlp(TabularModelSettings(hidden_units=(2,), embedding_dim=1), 2, (2,))
    model.get_layer("embeddings").set_weights([np.array([[7.0], [9.0]])])
    kernel = np.array([[1.0, -1.0], [10.0, -10.0], [100.0, -100.0], [1000.0, -1000.0], [2.0, -2.0]])
    model.get_layer("hidden_0").set_weights([kernel, np.array([0.25, 0.25])])
    features = np.asarray(model({**NUMERIC, "categorical": np.array([[1]], np.int64)}))
    expected = np.arcsinh(0.5) - 10 * np.arcsinh(1.0) + 1000 + 2 * 9 + 0.25
    np.testing.assert_allclose(features, [[expected, 0]], rtol=1e-5)


def test_a_missing_value_differs_from_a_value_at_the_mean():
    model = mlp(TabularModelSettings(), 1, ())
    at_mean, missing = np.asarray(
        model({"numeric": np.zeros((2, 1), np.float32), "missing": np.array([[0.0], [1.0]], np.float32)})
    )
    assert not np.allclose(at_mean, missing)


def test_an_outlier_does_not_outweigh_everything_else():
    model = mlp(TabularModelSettings(), 1, ())
    usual, wild = np.asarray(
        model({"numeric": np.array([[1.0], [1e6]], np.float32), "missing": np.zeros((2, 1), np.float32)})
    )
    assert abs(wild).max() < 20 * abs(usual).max()


def test_a_table_without_columns_is_refused():
    with pytest.raises(ValueError, match=r"Name columns in `data.numeric` or `data.categorical`"):
        mlp(TabularModelSettings(), 0, ())
