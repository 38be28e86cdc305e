import numpy as np
import pytest

from models.network.tabular.periodic import Periodic


def test_a_vector_is_the_relu_of_a_dense_layer_over_waves():
    layer = Periodic(3, num_frequencies=2, seed=1)
    x = np.array([[0.3, -1.2], [2.0, 0.0]], np.float32)
    answers = np.asarray(layer(x))
    frequencies, kernel = np.asarray(layer.frequencies), np.asarray(layer.kernel)
    layer.bias.assign(np.full((2, 3), 0.05))
    answers = np.asarray(layer(x))
    for row in range(2):
        for column in range(2):
            angles = 2 * np.pi * frequencies[column] * x[row, column]
            dense = np.concatenate([np.cos(angles), np.sin(angles)]) @ kernel[column] + 0.05
            np.testing.assert_allclose(answers[row, column], np.maximum(dense, 0), rtol=1e-4, atol=1e-6)


def test_the_deviation_decides_the_initial_frequencies():
    layer = Periodic(1, num_frequencies=4000, deviation=0.3)
    layer.build((None, 1))
    assert np.std(layer.frequencies) == pytest.approx(0.3, rel=0.05)


@pytest.mark.parametrize("wrong", [{"dim": 0}, {"num_frequencies": 0}, {"deviation": 0}])
def test_an_argument_out_of_range_is_refused(wrong):
    with pytest.raises(ValueError, match="=".join(map(str, *wrong.items()))):
        Periodic(**({"dim": 2} | wrong))
