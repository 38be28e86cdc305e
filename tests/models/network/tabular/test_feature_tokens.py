import numpy as np
import pytest

from models.network.tabular.feature_tokens import FeatureTokens

NUMBERS = np.array([[0.5, -2.0], [1.0, 0.0]], np.float32)
FLAGS = np.array([[0.0, 1.0], [0.0, 0.0]], np.float32)
CATEGORIES = np.array([[1], [0]])


def test_a_number_scales_its_columns_slope_unless_it_is_missing():
    layer = FeatureTokens(3, (2,), seed=4)
    tokens = np.asarray(layer([NUMBERS, FLAGS, CATEGORIES]))
    slopes, missing, bias = (np.asarray(each) for each in (layer.slopes, layer.missing, layer.bias))
    np.testing.assert_allclose(tokens[0, 1], 0.5 * slopes[0] + bias[0], rtol=1e-5)
    np.testing.assert_allclose(tokens[0, 2], missing[1] + bias[1], rtol=1e-5)
    np.testing.assert_allclose(tokens[1, 2], bias[1], rtol=1e-5)


def test_a_category_looks_up_its_vector():
    layer = FeatureTokens(3, (2,), seed=4)
    tokens = np.asarray(layer([NUMBERS, FLAGS, CATEGORIES]))
    table, bias = np.asarray(layer.tables[0]), np.asarray(layer.bias)
    np.testing.assert_allclose(tokens[:, 3], table[[1, 0]] + bias[2], rtol=1e-5)


def test_the_class_token_comes_first_and_is_the_same_for_all():
    layer = FeatureTokens(3, (2,), seed=4)
    tokens = np.asarray(layer([CATEGORIES]))
    np.testing.assert_array_equal(tokens[:, 0], np.repeat(layer.class_token, 2, axis=0))


def test_numbers_that_are_vectors_already_pass_on():
    layer = FeatureTokens(3)
    vectors = np.random.default_rng(0).normal(size=(2, 2, 3)).astype(np.float32)
    tokens = np.asarray(layer([vectors, np.zeros_like(FLAGS)]))
    np.testing.assert_allclose(tokens[:, 1:], vectors + np.asarray(layer.bias), rtol=1e-5)


def test_no_units_are_refused():
    with pytest.raises(ValueError, match=r"`units` must be at least 1. Received: units=0"):
        FeatureTokens(0)
