import numpy as np
import pytest
from scipy.stats import norm

from models.network.tabular.piecewise_linear import PiecewiseLinear, bin_edges


def vectors(layer, *numbers):
    return np.asarray(layer(np.array(numbers, np.float32)[:, None]))[:, 0]


def built(num_bins, slopes, bias, bends):
    layer = PiecewiseLinear(len(slopes), num_bins)
    layer.build((None, 1))
    layer.slopes.assign([slopes])
    layer.bias.assign([bias])
    layer.bends.assign([bends])
    return layer


@pytest.mark.parametrize("num_bins", [2, 5, 16])
def test_bins_hold_equal_shares_of_a_normal_distribution(num_bins):
    edges = bin_edges(num_bins)
    np.testing.assert_allclose(norm.cdf(edges[1:-1]), np.arange(1, num_bins) / num_bins)
    np.testing.assert_allclose(norm.cdf(edges[[0, -1]]), [0.25 / num_bins, 1 - 0.25 / num_bins])


def test_a_vector_is_linear_at_first():
    layer = PiecewiseLinear(3, 4, seed=2)
    x = np.linspace(-3, 3, 7)
    answers = vectors(layer, *x)
    slopes, bias = (np.asarray(each)[0] for each in (layer.slopes, layer.bias))
    np.testing.assert_allclose(answers, x[:, None] * slopes + bias, rtol=1e-5, atol=1e-6)


def test_bends_add_the_share_of_each_bin_below_the_number():
    edges = norm.ppf([1 / 12, 1 / 3, 2 / 3, 11 / 12])
    layer = built(3, [2.0], [0.5], [[10.0], [100.0], [1000.0]])
    middle = (edges[1] + edges[2]) / 2
    np.testing.assert_allclose(
        vectors(layer, edges[0], edges[1], middle, edges[2], edges[3])[:, 0],
        2 * np.array([edges[0], edges[1], middle, edges[2], edges[3]]) + 0.5 + [0, 10, 60, 110, 1110],
        rtol=1e-4,
    )


def test_the_outermost_bins_go_on_beyond_their_edges():
    edges = bin_edges(2)
    layer = built(2, [0.0], [0.0], [[1.0], [1.0]])
    width = edges[1] - edges[0]
    np.testing.assert_allclose(vectors(layer, edges[0] - width, edges[2] + width)[:, 0], [-1, 3], rtol=1e-5)


def test_columns_have_weights_of_their_own():
    layer = PiecewiseLinear(2, 4)
    first, second = np.asarray(layer(np.ones((1, 2), np.float32)))[0]
    assert not np.allclose(first, second)


@pytest.mark.parametrize(("dim", "num_bins"), [(0, 4), (3, 1)])
def test_a_size_out_of_range_is_refused(dim, num_bins):
    with pytest.raises(ValueError, match=f"Received: dim={dim}, num_bins={num_bins}"):
        PiecewiseLinear(dim, num_bins)
