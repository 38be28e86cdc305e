"""Numbers scaled by their rank to a standard normal distribution."""

import tensorflow as tf


def normal_scores(values: tf.Tensor, boundaries: tf.Tensor) -> tf.Tensor:
    """Returns the standard normal quantiles of values' ranks among a column's quantiles.

    The rank is linear between two boundaries, and the middle one of several that equal the value; it is
    kept half a bucket away from 0 and 1, where the score would be infinite. Money and counts have a few
    values far above all others: by rank they are no further off than any other column's greatest, and the
    many small values are told apart.

    Example: with boundaries 0, 10 and 100 the value 10 has rank 1/2 and score 0, and the value 55 rank 3/4
    and score 0.674.

    Args:
        values: Numbers, float `(batch, columns)`, finite.
        boundaries: Ascending floats `(columns, buckets + 1)`, finite: the least value, the values between
            equally large buckets, the greatest value.

    Returns:
        Scores, float32 `(batch, columns)`.
    """
    num_buckets = boundaries.shape[1] - 1
    # Differences of the greatest float32 numbers are beyond float32.
    boundaries = tf.cast(boundaries, tf.float64)
    values = tf.transpose(tf.cast(values, tf.float64))
    values = tf.clip_by_value(values, boundaries[:, :1], boundaries[:, -1:])
    num_below = tf.searchsorted(boundaries, values, side="left")
    num_up_to = tf.searchsorted(boundaries, values, side="right")
    before = tf.maximum(num_below - 1, 0)
    lower, upper = (tf.gather(boundaries, index, batch_dims=1) for index in (before, num_below))
    between = tf.cast(before, tf.float64) + tf.math.divide_no_nan(values - lower, upper - lower)
    tied = tf.cast(num_below + num_up_to - 1, tf.float64) / 2
    ranks = tf.where(num_up_to > num_below, tied, between) / num_buckets
    half_a_bucket = 0.5 / num_buckets
    scores = tf.math.ndtri(tf.clip_by_value(ranks, half_a_bucket, 1 - half_a_bucket))
    return tf.cast(tf.transpose(scores), tf.float32)
