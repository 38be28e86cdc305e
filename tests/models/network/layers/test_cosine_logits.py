import numpy as np
import pytest

from models.network.layers.cosine_logits import CosineLogits


def test_a_logit_is_the_scaled_cosine():
    layer = CosineLogits(2, scale=16)
    x = np.array([[3.0, 4.0]], np.float32)
    layer(x)
    layer.kernel.assign([[1.0, 0.0], [0.0, -7.0]])
    np.testing.assert_allclose(layer(x), [[16 * 0.6, -16 * 0.8]], rtol=1e-6)


def test_lengths_have_no_say():
    layer = CosineLogits(3)
    x = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
    before = np.asarray(layer(x))
    layer.kernel.assign(layer.kernel * np.array([1, 100, 0.01]))
    np.testing.assert_allclose(layer(x * 50), before, rtol=1e-4, atol=1e-5)
    assert np.abs(before).max() <= 16


def test_a_vector_of_zeros_says_nothing():
    np.testing.assert_array_equal(CosineLogits(3)(np.zeros((1, 4), np.float32)), [[0, 0, 0]])


@pytest.mark.parametrize(
    "values", [{"units": 0}, {"units": 2, "scale": 0}, {"units": 2, "scale": float("inf")}]
)
def test_an_argument_out_of_range_is_refused(values):
    with pytest.raises(ValueError, match="Received: units="):
        CosineLogits(**values)
