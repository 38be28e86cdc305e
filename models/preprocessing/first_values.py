"""First values of all columns of a kind at once: operations for each column would cost more than what they compute."""

from collections.abc import Sequence

import tensorflow as tf


def first_values(columns: Sequence[tf.SparseTensor], default: str | float, dtype: tf.DType) -> tf.Tensor:
    """Joins columns, of which each record counts with its first value.

    The number of operations depends on the number of types alone, not on that of columns.

    Args:
        columns: Sparse tensors of shape `(batch, any)`, at least one; their types need not be the same.
        default: Stands where a record has no value.
        dtype: What values are cast to; strings are not cast.

    Returns:
        Of that type, `(batch, columns)`.
    """
    places_of: dict[tf.DType, list[int]] = {}
    for place, column in enumerate(columns):
        places_of.setdefault(column.dtype, []).append(place)
    order = [place for places in places_of.values() for place in places]
    values = tf.concat(
        [
            tf.cast(tf.concat([columns[place].values for place in places], axis=0), dtype)
            for places in places_of.values()
        ],
        axis=0,
    )
    held = [columns[place].indices for place in order]
    numbers = tf.repeat(tf.constant(order, tf.int64), tf.stack(tf.shape_n(held))[:, 0])
    indices = tf.concat(held, axis=0)
    is_first = tf.equal(indices[:, 1], 0)
    cells = tf.boolean_mask(tf.stack([indices[:, 0], numbers], axis=1), is_first)
    empty = tf.fill([columns[0].dense_shape[0], len(columns)], tf.constant(default, dtype))
    joined = tf.tensor_scatter_nd_update(empty, cells, tf.boolean_mask(values, is_first))
    return tf.ensure_shape(joined, [None, len(columns)])
