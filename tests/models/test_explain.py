"""Explanations of raw records by networks saved as the Trainer saves them."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.features import CATEGORICAL, IMAGE, NUMERIC, categories_vocabulary
from models.explain import explain_fn, gradient_times_input
from models.network.classifier import InputShape, build_classifier
from models.settings import ImageModelSettings, ModelSettings

IMAGE_SETTINGS = ImageModelSettings(size=(16, 8), channels=3, alpha=0.25)


def linear_network() -> keras.Model:
    """Logits of two classes: 3 a - b and 0."""
    numeric = keras.Input((2,), name="numeric")
    logits = keras.layers.Dense(2, use_bias=False, name="logits")
    model = keras.Model({"numeric": numeric}, logits(numeric))
    logits.set_weights([np.array([[3.0, 0.0], [-1.0, 0.0]], np.float32)])
    return model


def test_gradient_times_input_is_the_part_of_each_number_in_a_linear_logit():
    inputs = {"numeric": tf.constant([[1.0, 2.0], [-1.0, 0.0], [0.0, 0.0], [1.0, 1.0]])}
    found = gradient_times_input(linear_network(), inputs, np.array([0, 0, 0, 1]))
    np.testing.assert_allclose(found, [[1, -2 / 3], [-1, 0], [0, 0], [0, 0]], rtol=1e-6)


@pytest.fixture(scope="module")
def explained(data_of, tmp_path_factory, example):
    """Saves a network for the records of a kind and explains three of them."""

    def run(kind: str, encoder: str = "mlp"):
        data = data_of(kind)
        output = data.transformed.output
        spec = output.transformed_feature_spec()
        num_categorical = spec[CATEGORICAL].shape[0] if CATEGORICAL in spec else 0
        shape = InputShape(
            image=(*IMAGE_SETTINGS.size, 3) if IMAGE in spec else None,
            num_numeric=spec[NUMERIC].shape[0] if NUMERIC in spec else 0,
            categorical_sizes=tuple(
                output.vocabulary_size_by_name(categories_vocabulary(position)) + 1
                for position in range(num_categorical)
            ),
        )
        tabular = {"encoder": encoder, "hidden_units": (8,)}
        settings = ModelSettings(image=IMAGE_SETTINGS, tabular=tabular, embedding_units=8)
        model = build_classifier(shape, settings, np.array([6, 3, 1]), seed=1)
        folder = tmp_path_factory.mktemp("run")
        model.save(str(folder / "classifier.keras"))
        records = [example(record) for record in data.records[1:4]]
        graph = data.transformed.folder
        return explain_fn(str(folder), graph, "defect kind", data.image, records, [0, 1, 2])

    return run


def test_an_image_and_its_columns_are_both_explained(explained):
    found = explained("both")
    assert found.maps.shape[0] == 3 and found.maps.ndim == 3
    assert found.maps.min() >= 0 and found.maps.max() <= 1
    assert found.image_method == "Grad-CAM"
    assert found.columns == ["age", "weight / kg"] and found.signed
    assert np.abs(found.column_weights).max(axis=1).tolist() == [1.0, 1.0, 1.0]


def test_columns_that_attend_are_explained_by_their_attention(explained):
    found = explained("table", "feature_attention")
    assert found.maps is None and found.image_method is None and not found.signed
    assert found.columns == ["age", "weight / kg", "größe", "line"]
    assert found.column_weights.shape == (3, 4)
    np.testing.assert_allclose(found.column_weights.sum(axis=1), 1, rtol=1e-5)


def test_an_image_alone_has_no_columns(explained):
    found = explained("image")
    assert found.maps is not None and found.column_weights is None and found.column_method is None


def test_without_a_saved_network_nothing_is_explained(tmp_path):
    assert explain_fn(str(tmp_path), str(tmp_path), "label", None, [b""], [0]) is None
