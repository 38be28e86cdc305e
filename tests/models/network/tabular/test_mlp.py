import numpy as np

from models.network.tabular.mlp import mlp
from models.settings import TabularModelSettings


def test_one_layer_computes_the_relu_of_values_flags_and_vectors():
    settings = TabularModelSettings(hidden_units=(2,), embedding_dim=1, numeric_embedding="none")
    model = mlp(settings, 2, (2,))
    model.get_layer("embeddings").set_weights([np.array([[7.0], [9.0]])])
    kernel = np.array([[1.0, -1.0], [10.0, -10.0], [100.0, -100.0], [1000.0, -1000.0], [2.0, -2.0]])
    model.get_layer("hidden_0").set_weights([kernel, np.array([0.25, 0.25])])
    features = model(
        {
            "numeric": np.array([[0.5, -1.0]], np.float32),
            "missing": np.array([[0.0, 1.0]], np.float32),
            "categorical": np.array([[1]]),
        }
    )
    np.testing.assert_allclose(features, [[0.5 - 10 + 1000 + 2 * 9 + 0.25, 0]], rtol=1e-5)


def test_embedded_numbers_enter_by_their_vectors():
    model = mlp(TabularModelSettings(hidden_units=(2,), numeric_dim=3), 4, ())
    assert model.get_layer("hidden_0").kernel.shape == (4 * 3 + 4, 2)
