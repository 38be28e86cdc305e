"""The Keras model asked in Python, against the network that was saved."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import softmax

from core.features import CATEGORICAL, IMAGE, MISSING, NUMERIC, categories_vocabulary
from models.network.branches.inference import inference_model
from models.network.classifier import InputShape, build_classifier
from models.preprocessing.images import decode_images
from models.serving.python_model import KERAS_MODEL, predict_fn
from models.settings import ModelSettings
from models.training.class_scales import with_class_scales

SIZE = (10, 8)
COUNTS = np.array([6, 3, 1])


def network(transform, model: dict | None = None, image: dict | None = None):
    spec = transform.transformed_feature_spec()
    num_categorical = spec[CATEGORICAL].shape[0] if CATEGORICAL in spec else 0
    sizes = (transform.vocabulary_size_by_name(categories_vocabulary(i)) + 1 for i in range(num_categorical))
    settings = ModelSettings(image={"size": SIZE, "alpha": 0.25, **(image or {})}, **(model or {}))
    shape = InputShape(
        (*SIZE, settings.image.channels) if IMAGE in spec else None,
        spec[NUMERIC].shape[0] if NUMERIC in spec else 0,
        tuple(sizes),
    )
    built = build_classifier(shape, settings, COUNTS, seed=3)
    random = np.random.default_rng(3)
    built.set_weights([weights + random.normal(0, 0.05, weights.shape) for weights in built.get_weights()])
    return inference_model(built)


def answers_of(model, data, channels=3):
    columns = data.transformed.columns()
    inputs = {
        name: tf.constant(columns[key])
        for key, name in ((NUMERIC, "numeric"), (MISSING, "missing"), (CATEGORICAL, "categorical"))
        if key in columns
    }
    if IMAGE in columns:
        inputs["image"] = decode_images(tf.constant(columns[IMAGE]), SIZE, channels)
    return softmax(model(inputs, training=False).numpy().astype(float), axis=1)


@pytest.mark.parametrize("kind", ["both", "table", "image"])
def test_raw_records_get_the_probabilities_of_the_network_that_was_saved(kind, data_of, example, tmp_path):
    data = data_of(kind)
    model = network(data.transformed.output, image={"channels": 1})
    model.save(tmp_path / KERAS_MODEL)
    said = predict_fn(str(tmp_path), data.transformed.folder, [example(record) for record in data.records])
    np.testing.assert_allclose(said.probabilities, answers_of(model, data, channels=1), atol=1e-6)
    assert said.probabilities.dtype == np.float64 and said.probabilities.std(axis=0).max() > 1e-3


@pytest.mark.parametrize(
    "settings",
    [
        {"branches": "experts"},
        {"branches": "class_groups"},
        {"branches": "bilateral"},
        {"tabular": {"encoder": "feature_attention"}},
        {"attention": "cbam"},
    ],
    ids=lambda settings: (
        "-".join(map(str, next(iter(settings.values())).values()))
        if isinstance(next(iter(settings.values())), dict)
        else str(next(iter(settings.values())))
    ),
)
def test_every_kind_of_network_is_read_back(settings, data_of, example, tmp_path):
    data = data_of("both")
    model = network(data.transformed.output, settings)
    model.save(tmp_path / KERAS_MODEL)
    said = predict_fn(str(tmp_path), data.transformed.folder, [example(record) for record in data.records])
    np.testing.assert_allclose(said.probabilities, answers_of(model, data), atol=1e-5)


def test_learnt_class_scales_are_read_back(data_of, example, tmp_path):
    data = data_of("table")
    model = with_class_scales(network(data.transformed.output))
    model.layers[-1].set_weights([np.array([1.0, 2.0, 0.5])])
    model.save(tmp_path / KERAS_MODEL)
    said = predict_fn(str(tmp_path), data.transformed.folder, [example(record) for record in data.records])
    np.testing.assert_allclose(said.probabilities, answers_of(model, data), atol=1e-6)


def test_an_image_that_cannot_be_read_is_an_error(data_of, example, tmp_path):
    data = data_of("image")
    network(data.transformed.output).save(tmp_path / KERAS_MODEL)
    broken = example({**data.records[0], "photo": b"no image"})
    with pytest.raises(tf.errors.InvalidArgumentError):
        predict_fn(str(tmp_path), data.transformed.folder, [broken])
