"""Which vectors are a record's embedding."""

import keras
import numpy as np
import pytest

from models.network.classifier import InputShape, build_classifier
from models.serving.embedder import embedder
from models.settings import ModelSettings


def classifier(**settings) -> keras.Model:
    inputs = InputShape(num_numeric=3)
    return build_classifier(inputs, ModelSettings(embedding_units=4, **settings), np.array([5, 3]), seed=0)


def vectors_of(model: keras.Model) -> np.ndarray:
    numbers = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    return embedder(model)({"numeric": numbers, "missing": np.zeros((6, 3), np.float32)}).numpy()


def test_one_branch_has_one_vector():
    assert vectors_of(classifier()).shape == (6, 4)


def test_the_vectors_of_branches_stand_one_behind_the_other():
    model = classifier(branches="experts")
    names = [layer.name for layer in model.layers if layer.name.startswith("embedding_expert")]
    assert len(names) > 1
    vectors = vectors_of(model)
    assert vectors.shape == (6, 4 * len(names))
    assert all(vectors[:, start : start + 4].any() for start in range(0, vectors.shape[1], 4))


def test_the_members_of_an_ensemble_stand_one_behind_the_other():
    model = classifier(tabular={"encoder": "ensemble_mlp"})
    members, units = model.get_layer("embedding").output.shape[1:]
    assert vectors_of(model).shape == (6, members * units)


def test_without_an_embedding_it_is_what_the_logits_read():
    given = keras.Input((3,))
    hidden = keras.layers.Dense(5, name="hidden")(given)
    model = keras.Model(given, keras.layers.Dense(2, name="logits")(hidden))
    numbers = np.float32([[1, 2, 3]])
    kernel, bias = model.get_layer("hidden").get_weights()
    np.testing.assert_allclose(embedder(model)(numbers), numbers @ kernel + bias, rtol=1e-6)


def test_a_network_without_logits_is_refused():
    given = keras.Input((3,), name="given")
    with pytest.raises(ValueError, match=r"layer named `logits`\. Received: layers given, last"):
        embedder(keras.Model(given, keras.layers.Dense(2, name="last")(given)))
