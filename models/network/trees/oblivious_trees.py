"""Gradient-boosted oblivious trees as a layer, in TensorFlow's own operations."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

# Look-ups at a time: their indices and values stay in a core's cache, and memory is bounded for any batch.
_LOOKUPS_AT_ONCE = 2**18
# An int32 holds a byte for each of four rows, so that one addition serves them all.
_ROWS_IN_WORD = 4
_BITS_IN_BYTE = 8


@keras.saving.register_keras_serializable(package="counterpoise")
class ObliviousTrees(keras.layers.Layer):
    """Sums the answers of oblivious trees, which ask the same question of all records at one depth.

    A question is whether a feature lies above a border, which a NaN never does. With the questions
    q_1 ... q_depth of a tree t, the answer of a record x is

        raw(x) = bias + sum_t leaf_values[t, leaf_t(x)],    leaf_t(x) = sum_d 2^(d-1) [x[feature_d] > border_d]

    which is computed without a branch: all questions first, then the leaves' numbers of all trees, then
    the values. Values are summed in float64. Large batches are taken in parts. Trees in groups are summed
    group by group, each with a bias of its own: several models answer for little more than the time of one.

    The trees are weights, which no training changes, and 0 to begin with: see `set_weights` and
    `trees_model`. Whole numbers among them are held as float32, exact up to 2^24, as all that Keras does to
    a network's weights it does to floats.

    Weights:
        border_features: Feature of each border, `(num_borders,)`, whole numbers.
        borders: Their values, `(num_borders,)`; no feature lies above infinity, which fills trees up to `depth`.
        splits: Number of each tree's borders, from the lowest bit of the leaf's number to the highest,
            `(num_trees, depth)`, whole numbers.
        leaf_values: `(num_trees, 2^depth, outputs)`.
        bias: `(outputs,)`; of groups `(groups, outputs)`.

    Call arguments:
        inputs: Features, float32 `(batch, features)`; NaN where missing.

    Returns:
        Raw values, float32 `(batch, outputs)`, of groups `(batch, groups, outputs)`, whatever the policy of mixed
        precision.

    Reference: Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features", 2018,
    https://arxiv.org/abs/1706.09516; the evaluation by bits as in Dorogush et al., "CatBoost: gradient boosting
    with categorical features support", 2018, https://arxiv.org/abs/1810.11363

    Args:
        num_trees: Number of trees, at least 0; none answer with the bias.
        depth: Questions of a tree, from 1 to 16.
        num_borders: Number of borders, at least 1.
        outputs: Raw values of a record, at least 1.
        group_sizes: Number of trees of each group, in their order, each at least 0, their sum `num_trees`; empty where
            all are summed.
        **kwargs: What `keras.layers.Layer` takes besides.

    Raises:
        ValueError: A number is out of range.
    """

    # Also the names of the arrays in FittedTrees.
    WEIGHTS = ("border_features", "borders", "splits", "leaf_values", "bias")

    def __init__(
        self,
        num_trees: int,
        depth: int,
        num_borders: int,
        outputs: int,
        group_sizes: Sequence[int] = (),
        **kwargs: Any,
    ):
        # Half precision would move records over borders.
        super().__init__(**{**kwargs, "dtype": "float32"})
        if num_trees < 0 or not 1 <= depth <= 16 or num_borders < 1 or outputs < 1:
            raise ValueError(
                "Expected `num_trees` of at least 0, `depth` from 1 to 16, `num_borders` and `outputs` of at least 1. "
                f"Received: num_trees={num_trees}, depth={depth}, num_borders={num_borders}, outputs={outputs}"
            )
        if group_sizes and (min(group_sizes) < 0 or sum(group_sizes) != num_trees):
            raise ValueError(
                "Expected `group_sizes` of at least 0, whose sum is `num_trees`. "
                f"Received: group_sizes={list(group_sizes)}, num_trees={num_trees}"
            )
        self.num_trees, self.depth = int(num_trees), int(depth)
        self.group_sizes = [int(size) for size in group_sizes]
        self.num_borders, self.outputs = int(num_borders), int(outputs)
        self.trainable = False

    def build(self, input_shape: tuple) -> None:
        self.border_features = self._fixed("border_features", (self.num_borders,))
        self.borders = self._fixed("borders", (self.num_borders,))
        self.splits = self._fixed("splits", (self.num_trees, self.depth))
        self.leaf_values = self._fixed("leaf_values", (self.num_trees, 2**self.depth, self.outputs))
        self.bias = self._fixed("bias", self._answer)
        super().build(input_shape)

    @property
    def _answer(self) -> tuple[int, ...]:
        """Shape of what is said of one record."""
        return (len(self.group_sizes), self.outputs) if self.group_sizes else (self.outputs,)

    def _fixed(self, name: str, shape: tuple) -> Any:
        return self.add_weight(name=name, shape=shape, initializer="zeros", trainable=False)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        batch = tf.shape(inputs)[0]
        raw = tf.cast(self.bias, tf.float64)
        if not self.num_trees:
            return tf.cast(tf.broadcast_to(raw, (batch, *self._answer)), tf.float32)
        rows = max(1, _LOOKUPS_AT_ONCE // self.num_trees // _ROWS_IN_WORD) * _ROWS_IN_WORD
        # An empty batch is one part too: there is no joining none.
        parts = tf.maximum(1, -(-batch // rows))
        # Whole words of rows.
        padded = tf.pad(inputs, [[0, -batch % _ROWS_IN_WORD], [0, 0]])

        def add_part(part: tf.Tensor, sums: tf.TensorArray) -> tuple:
            records = padded[part * rows : (part + 1) * rows]
            return part + 1, sums.write(part, self._sums(self._places(self._answers(records))))

        sums = tf.TensorArray(tf.float64, parts, infer_shape=False, element_shape=(None, *self._answer))
        _, sums = tf.while_loop(lambda part, _: part < parts, add_part, (0, sums))
        return tf.cast(raw + sums.concat()[:batch], tf.float32)

    def _answers(self, records: tf.Tensor) -> tf.Tensor:
        """Returns bytes of 0 or 1, four rows to a word: int32 `(num_borders, rows / 4)`."""
        features = tf.gather(tf.transpose(records), tf.cast(self.border_features, tf.int32))
        above = tf.cast(features > self.borders[:, tf.newaxis], tf.uint8)
        return tf.bitcast(tf.reshape(above, (self.num_borders, -1, _ROWS_IN_WORD)), tf.int32)

    def _places(self, answers: tf.Tensor) -> tf.Tensor:
        """Returns where each record's leaf of each tree is among all leaves, int32 `(num_trees, rows)`."""
        splits = tf.cast(self.splits, tf.int32)
        places = tf.range(self.num_trees)[:, tf.newaxis] * 2**self.depth
        for lowest in range(0, self.depth, _BITS_IN_BYTE):
            levels = range(lowest, min(lowest + _BITS_IN_BYTE, self.depth))
            # Eight bits at most fill a byte, and no sum reaches over into the next one.
            words = tf.add_n(
                [tf.gather(answers, splits[:, level]) * 2 ** (level - lowest) for level in levels]
            )
            number = tf.cast(tf.reshape(tf.bitcast(words, tf.uint8), (self.num_trees, -1)), tf.int32)
            places += number * 2**lowest if lowest else number
        return places

    def _sums(self, places: tf.Tensor) -> tf.Tensor:
        """Returns the sums of the leaves' values, float64 `(rows, outputs)` or `(rows, groups, outputs)`."""
        leaves = tf.reshape(self.leaf_values, (-1, self.outputs))
        # Where a slice is as short as here, gather_nd takes two thirds of the time of gather.
        values = tf.cast(tf.gather_nd(leaves, places[..., tf.newaxis]), tf.float64)
        if not self.group_sizes:
            return tf.reduce_sum(values, axis=0)
        return tf.stack([tf.reduce_sum(of, axis=0) for of in tf.split(values, self.group_sizes)], axis=1)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (input_shape[0], *self._answer)

    def get_config(self) -> dict[str, Any]:
        names = ("num_trees", "depth", "num_borders", "outputs", "group_sizes")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
