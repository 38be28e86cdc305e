"""Numbers as vectors that bend at quantiles."""

from statistics import NormalDist
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.layers.layer_seed import layer_seed


def bin_edges(num_bins: int) -> np.ndarray:
    """Returns the edges of bins that hold equal shares of a standard normal distribution.

    The outermost two, which would lie at infinity, lie at the quantiles a quarter of a bin from the ends.

    Example: 2 bins have the edges -1.150, 0 and 1.150.

    Args:
        num_bins: Number of bins, at least 2.

    Returns:
        Ascending floats `(num_bins + 1,)`.
    """
    shares = np.linspace(0, 1, num_bins + 1)
    shares[[0, -1]] = 0.25 / num_bins, 1 - 0.25 / num_bins
    return np.array([NormalDist().inv_cdf(share) for share in shares])


@keras.saving.register_keras_serializable(package="counterpoise")
class PiecewiseLinear(keras.layers.Layer):
    """Turns each number into a vector that is linear between quantiles and may bend at each of them.

    For a number x of column c, with edges e_0 to e_T,

        vector = x v_c + b_c + sum_t bin_t(x) w_ct,    bin_t(x) = clip((x - e_(t-1)) / (e_t - e_(t-1)), 0, 1)

    where the first bin has no lower and the last no upper bound. A network of few smooth layers follows a
    threshold in a column slowly; here it is one weight. The w start at 0, so that training begins with
    a linear embedding and bends it where that pays.

    The edges are those of `bin_edges`: as Transform gives columns a standard normal distribution over the
    train split, these are the quantiles of each column.

    Call arguments:
        inputs: Normal scores, float `(batch, columns)`.

    Returns:
        Float tensor `(batch, columns, dim)`.

    Reference: Gorishniy et al., "On Embeddings for Numerical Features in Tabular Deep Learning", 2022,
    https://arxiv.org/abs/2203.05556; the linear part beside it as in "TabM", 2024,
    https://arxiv.org/abs/2410.24210

    Args:
        dim: Length of a vector, at least 1.
        num_bins: Number of bins, at least 2.
        seed: Decides the initial v and b.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: `dim` is below 1 or `num_bins` below 2.
    """

    def __init__(self, dim: int, num_bins: int = 8, seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        if dim < 1 or num_bins < 2:
            raise ValueError(
                f"`dim` must be at least 1 and `num_bins` at least 2. Received: dim={dim}, num_bins={num_bins}"
            )
        self.dim, self.num_bins, self.seed = int(dim), int(num_bins), seed

    def build(self, input_shape: tuple) -> None:
        columns = input_shape[-1]
        self.slopes = self._uniform("slopes", (columns, self.dim))
        self.bias = self._uniform("bias", (columns, self.dim))
        self.bends = self.add_weight(
            name="bends", shape=(columns, self.num_bins, self.dim), initializer="zeros"
        )
        super().build(input_shape)

    def _uniform(self, name: str, shape: tuple) -> Any:
        draw = keras.initializers.RandomUniform(-1, 1, seed=layer_seed(self.seed, f"{self.name}/{name}"))
        return self.add_weight(name=name, shape=shape, initializer=draw)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        linear = inputs[..., tf.newaxis] * self.slopes + self.bias
        return linear + tf.einsum("bct,ctd->bcd", self._bins(inputs), self.bends)

    def _bins(self, inputs: tf.Tensor) -> tf.Tensor:
        edges = bin_edges(self.num_bins)
        lower, widths = (tf.constant(each, inputs.dtype) for each in (edges[:-1], np.diff(edges)))
        least, most = np.zeros(self.num_bins), np.ones(self.num_bins)
        least[0], most[-1] = -np.inf, np.inf
        shares = (inputs[..., tf.newaxis] - lower) / widths
        return tf.clip_by_value(shares, tf.constant(least, inputs.dtype), tf.constant(most, inputs.dtype))

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (*input_shape, self.dim)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dim": self.dim, "num_bins": self.num_bins, "seed": self.seed}
