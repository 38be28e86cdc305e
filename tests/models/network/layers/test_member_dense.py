import numpy as np
import pytest

from models.network.layers.log_prior import LogPrior
from models.network.layers.member_dense import MemberDense

FEATURES = np.random.default_rng(0).normal(size=(5, 3, 4)).astype(np.float32)


def test_each_member_has_a_kernel_and_a_bias_of_its_own():
    layer = MemberDense(2)
    layer.build(FEATURES.shape)
    random = np.random.default_rng(1)
    kernel, bias = random.normal(size=(3, 4, 2)), random.normal(size=(3, 2))
    layer.kernel.assign(kernel)
    layer.bias.assign(bias)
    outputs = np.asarray(layer(FEATURES))
    for member in range(3):
        expected = FEATURES[:, member] @ kernel[member] + bias[member]
        np.testing.assert_allclose(outputs[:, member], expected, rtol=1e-5, atol=1e-6)


def test_kernels_start_apart_and_as_large_as_those_of_a_single_layer():
    layer = MemberDense(6)
    layer.build((None, 40, 10))
    kernel = np.asarray(layer.kernel)
    assert len({tuple(each.ravel()) for each in kernel}) == 40
    limit = (6 / (10 + 6)) ** 0.5
    assert 0.95 * limit < abs(kernel).max() <= limit


def test_every_bias_starts_as_the_initializer_says():
    layer = MemberDense(2, bias_initializer=LogPrior(np.array([9, 1])))
    layer.build(FEATURES.shape)
    np.testing.assert_allclose(layer.bias, [np.log([0.9, 0.1])] * 3, rtol=1e-5)


def test_an_input_without_members_is_refused():
    with pytest.raises(ValueError, match=r"Use keras.layers.Dense for a single model"):
        MemberDense(2).build((None, 4))


def test_no_units_are_refused():
    with pytest.raises(ValueError, match=r"`units` must be at least 1. Received: units=0"):
        MemberDense(0)
