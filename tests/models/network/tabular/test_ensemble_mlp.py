import numpy as np

from models.network.tabular.ensemble_mlp import ensemble_mlp
from models.network.tabular.mlp import mlp
from models.settings import TabularModelSettings

SETTINGS = TabularModelSettings(hidden_units=(16, 8), members=4, dropout=0.0)
COLUMNS = {
    "numeric": np.array([[0.5, -1.0], [2.0, 0.1]], np.float32),
    "missing": np.array([[0.0, 1.0], [0.0, 0.0]], np.float32),
    "categorical": np.array([[1], [0]]),
}


def test_members_differ_from_the_start():
    features = np.asarray(ensemble_mlp(SETTINGS, 2, (2,))(COLUMNS))
    for member in range(1, 4):
        assert not np.allclose(features[:, 0], features[:, member])


def test_a_member_is_an_mlp_of_its_scaled_kernels():
    ensemble = ensemble_mlp(SETTINGS, 2, (2,))
    random = np.random.default_rng(0)
    ensemble.set_weights([random.normal(size=weight.shape) for weight in ensemble.get_weights()])
    single = mlp(SETTINGS, 2, (2,))
    for name in ("numeric_embedding", "embeddings"):
        single.get_layer(name).set_weights(ensemble.get_layer(name).get_weights())
    for member in range(SETTINGS.members):
        for name in ("hidden_0", "hidden_1"):
            layer = ensemble.get_layer(name)
            kernel, inwards, outwards, bias = (
                np.asarray(each)
                for each in (layer.kernel, layer.input_scales, layer.output_scales, layer.bias)
            )
            scaled = inwards[member][:, None] * kernel * outwards[member]
            single.get_layer(name).set_weights([scaled, bias[member]])
        features = np.asarray(ensemble(COLUMNS))[:, member]
        np.testing.assert_allclose(features, single(COLUMNS), rtol=1e-4, atol=1e-4)


def test_a_further_member_costs_vectors_and_no_matrix():
    few, more = (ensemble_mlp(SETTINGS.model_copy(update={"members": members}), 2, ()) for members in (4, 5))
    features = 2 * SETTINGS.numeric_dim + 2
    assert more.count_params() - few.count_params() == features + 2 * 16 + 16 + 2 * 8
