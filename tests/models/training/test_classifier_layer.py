import keras
import numpy as np
import pytest

from models.network.layers.cosine_logits import CosineLogits
from models.network.layers.log_prior import LogPrior
from models.training.classifier_layer import embedding_model, num_trained, reset_classifier, train_only


def classifier(logits: keras.layers.Layer) -> keras.Model:
    inputs = keras.Input((4,))
    normalised = keras.layers.BatchNormalization(name="norm")(inputs)
    embedding = keras.layers.Dense(5, name="embedding")(normalised)
    return keras.Model(inputs, logits(embedding))


def linear() -> keras.Model:
    initializer = keras.initializers.GlorotUniform(8)
    prior = LogPrior([9.0, 1.0, 1.0])
    return classifier(
        keras.layers.Dense(3, kernel_initializer=initializer, bias_initializer=prior, name="logits")
    )


def test_only_one_layer_is_trained_and_the_others_numbers_stay():
    model = linear()
    train_only(model, "logits")
    assert num_trained(model) == 5 * 3 + 3
    before = [layer.get_weights() for layer in model.layers]
    model.compile(keras.optimizers.SGD(0.5), "mse")
    model.fit(np.random.default_rng(0).normal(3, 1, (8, 4)), np.ones((8, 3)), verbose=0)
    for layer, weights in zip(model.layers, before, strict=True):
        changed = any(not np.allclose(a, b) for a, b in zip(layer.get_weights(), weights, strict=True))
        # The batch normalisation's statistics are weights too.
        assert changed == (layer.name == "logits")


@pytest.mark.parametrize("make", [linear, lambda: classifier(CosineLogits(3, seed=1, name="logits"))])
def test_the_classifier_begins_anew_and_the_rest_stays(make):
    model = make()
    initial = model.get_layer("logits").get_weights()
    model.set_weights([weight + 1 for weight in model.get_weights()])
    embedding = model.get_layer("embedding").get_weights()
    reset_classifier(model)
    np.testing.assert_allclose(model.get_layer("logits").get_weights()[0], initial[0])
    for mine, other in zip(model.get_layer("embedding").get_weights(), embedding, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_classifier_begun_anew_favours_no_class():
    model = linear()
    reset_classifier(model)
    np.testing.assert_array_equal(model.get_layer("logits").bias, np.zeros(3))


def test_the_embedding_is_what_the_classifier_reads():
    model, records = linear(), np.ones((2, 4), np.float32)
    kernel, bias = model.get_layer("logits").get_weights()
    np.testing.assert_allclose(embedding_model(model)(records) @ kernel + bias, model(records), rtol=1e-5)
