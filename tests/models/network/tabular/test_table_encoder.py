"""What every encoder of a table must be able to do."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.network.tabular.table_encoder import table_encoder
from models.network.variable_path import variable_path
from models.settings import TabularModelSettings

NUMERIC = {"numeric": np.array([[0.5, -1.0]], np.float32), "missing": np.array([[0.0, 1.0]], np.float32)}
CATEGORICAL = {"categorical": np.array([[1, 2, 0]], np.int64)}
MIXES = {
    "numeric": (2, (), NUMERIC),
    "categorical": (0, (2, 3, 4), CATEGORICAL),
    "both": (2, (2, 3, 4), NUMERIC | CATEGORICAL),
}
SHAPES = {"mlp": (1, 5), "ensemble_mlp": (1, 3, 5), "feature_attention": (1, 6)}


def settings_of(encoder, **settings):
    sizes = {"hidden_units": (16, 5), "dropout": 0.5, "members": 3, "token_units": 6, "num_heads": 2}
    return TabularModelSettings(encoder=encoder, **(sizes | settings))


@pytest.mark.parametrize(
    ("mix", "embedding"),
    [
        ("both", "none"),
        ("both", "piecewise_linear"),
        ("both", "periodic"),
        ("numeric", "piecewise_linear"),
        # An embedding of numbers where there are none.
        ("categorical", "periodic"),
    ],
)
@pytest.mark.parametrize("encoder", SHAPES)
def test_every_mix_of_columns_becomes_features_of_the_settings_size(encoder, mix, embedding):
    num_numeric, sizes, inputs = MIXES[mix]
    model = table_encoder(settings_of(encoder, numeric_embedding=embedding), num_numeric, sizes)
    assert model.name == encoder
    assert set(model.input) == set(inputs)
    features = np.asarray(model(inputs))
    assert features.shape == SHAPES[encoder]
    assert (features >= 0).all()


@pytest.mark.parametrize("encoder", SHAPES)
def test_a_missing_value_differs_from_a_value_at_the_median(encoder):
    model = table_encoder(settings_of(encoder), 1, ())
    columns = {"numeric": np.zeros((2, 1), np.float32), "missing": np.array([[0.0], [1.0]], np.float32)}
    at_median, missing = np.asarray(model(columns))
    assert not np.allclose(at_median, missing)


@pytest.mark.parametrize("encoder", SHAPES)
def test_the_seed_decides_the_weights_and_no_two_kernels_start_alike(encoder):
    def weights(seed):
        return table_encoder(settings_of(encoder, hidden_units=(16, 16)), 2, (2, 3), seed).get_weights()

    first, again, other = weights(1), weights(1), weights(2)
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    drawn = [(one, two) for one, two in zip(first, other, strict=True) if one.size > 4 and np.ptp(one)]
    assert drawn
    assert not any(np.allclose(one, two) for one, two in drawn)
    starts = [tuple(one.ravel()[:4]) for one, _ in drawn]
    assert len(set(starts)) == len(starts)


@pytest.mark.parametrize("encoder", SHAPES)
def test_training_reaches_every_weight(encoder):
    model = table_encoder(settings_of(encoder, dropout=0.0), 2, (2, 3))
    random = np.random.default_rng(0)
    inputs = {
        "numeric": random.normal(size=(64, 2)).astype(np.float32),
        "missing": random.integers(0, 2, (64, 2)).astype(np.float32),
        "categorical": random.integers(0, 2, (64, 2)),
    }
    with tf.GradientTape() as tape:
        features = model(inputs, training=True)
        loss = tf.reduce_sum(features * random.normal(size=features.shape))
    gradients = tape.gradient(loss, model.trainable_variables)
    still = [
        variable_path(weight)
        for weight, gradient in zip(model.trainable_variables, gradients, strict=True)
        if gradient is None or not np.any(tf.convert_to_tensor(gradient))
    ]
    # A softmax does not change with the same number added to all scores, as a bias of the keys does.
    assert [name for name in still if "key/bias" not in name] == []


@pytest.mark.parametrize("encoder", SHAPES)
def test_an_encoder_survives_saving(encoder, tmp_path):
    num_numeric, sizes, inputs = MIXES["both"]
    model = table_encoder(settings_of(encoder), num_numeric, sizes)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(inputs), model(inputs), rtol=1e-5)


def test_an_unknown_encoder_is_refused():
    unknown = TabularModelSettings.model_construct(encoder="forest")
    with pytest.raises(ValueError, match=r"one of mlp, ensemble_mlp, feature_attention. Received: 'forest'"):
        table_encoder(unknown, 1, ())
