import keras
import numpy as np
import pytest

from models.network.classifier import InputShape, build_classifier
from models.network.tabular.feature_attention import feature_attention, feature_attention_model
from models.network.tabular.mlp import mlp
from models.settings import ModelSettings, TabularModelSettings

SETTINGS = TabularModelSettings(encoder="feature_attention", token_units=8, num_heads=2, num_blocks=2)
COLUMNS = {
    "numeric": np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32),
    "missing": np.zeros((4, 3), np.float32),
    "categorical": np.array([[0, 1], [1, 2], [1, 0], [0, 0]]),
}


def test_attention_over_columns_adds_up_to_one_in_every_record():
    attention = np.asarray(feature_attention_model(feature_attention(SETTINGS, 3, (2, 3)))(COLUMNS))
    assert attention.shape == (4, 5)
    assert (attention > 0).all()
    np.testing.assert_allclose(attention.sum(axis=1), 1, rtol=1e-5)


def test_attention_is_the_mean_over_blocks_without_the_class_token():
    encoder = feature_attention(SETTINGS, 3, (2, 3))
    blocks = [encoder.get_layer(f"block_{i}") for i in range(2)]
    tokens = keras.Model(encoder.input, blocks[0].input)(COLUMNS)
    expected = 0
    for block in blocks:
        weights = np.asarray(block.class_attention(tokens))[:, 1:]
        expected = expected + weights / weights.sum(axis=1, keepdims=True) / 2
        tokens = block(tokens)
    np.testing.assert_allclose(feature_attention_model(encoder)(COLUMNS), expected, rtol=1e-4)


def test_a_trained_classifier_attends_to_the_column_that_decides():
    random = np.random.default_rng(0)
    numeric = random.normal(size=(512, 3)).astype(np.float32)
    labels = (numeric[:, 1] > 0).astype(int)
    inputs = {"numeric": numeric, "missing": np.zeros_like(numeric)}
    settings = ModelSettings(tabular=SETTINGS.model_copy(update={"num_blocks": 1, "dropout": 0.0}))
    model = build_classifier(InputShape(num_numeric=3), settings, np.array([256, 256]), seed=0)
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(inputs, labels, epochs=8, batch_size=32, verbose=0)
    attention = np.asarray(feature_attention_model(model)(inputs)).mean(axis=0)
    assert attention.argmax() == 1


def test_a_classifier_without_attention_over_columns_is_refused():
    with pytest.raises(ValueError, match=r"Set `model.tabular.encoder: feature_attention`"):
        feature_attention_model(mlp(TabularModelSettings(), 2, ()))
