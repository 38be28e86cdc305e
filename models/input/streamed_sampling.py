"""Draws from records that pass by once, as data larger than memory does."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from models.input.sampling import Draws

_BLOCK = 256


def drawn_from_stream(
    records: tf.data.Dataset,
    labels_of: Callable[[tf.Tensor], tf.Tensor],
    draws: Draws,
    epochs: tf.data.Dataset,
) -> tf.data.Dataset:
    """Draws every class as often as asked, in one pass and without holding records.

    Systematic sampling within each class: of its n records, m are to be drawn, and the record met as the
    i-th (from 0) is drawn `floor(((i + 1) m + k) / n) - floor((i m + k) / n)` times, with k random in
    [0, n). Over the n records that adds up to m exactly, and each is drawn m / n times on average.

    Args:
        records: Serialised records, string `()`, in random order; as many of each class as `draws` says.
        labels_of: From a batch of records to their class indices, int64 `(batch,)`.
        draws: How many of each class an epoch draws.
        epochs: A dataset of one element, the epoch's number, int64 `()`.

    Returns:
        Serialised records, string `()`. Those drawn several times follow each other: shuffle them.
    """
    counts = np.asarray(draws.class_counts, np.int64)

    def plan(epoch: np.ndarray) -> np.ndarray:
        return np.stack([draws.per_class(int(epoch)), draws.phases(int(epoch))])

    def draw(seen: tf.Tensor, element: tuple[tf.Tensor, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        block, planned = element
        labels = labels_of(block)
        is_class = tf.one_hot(labels, len(counts), dtype=tf.int64)
        before = tf.cumsum(is_class, exclusive=True) + seen
        place = tf.gather(before, labels, batch_dims=1)
        m, k, n = (tf.gather(values, labels) for values in (*tf.unstack(planned), counts))
        times = ((place + 1) * m + k) // n - (place * m + k) // n
        return seen + tf.reduce_sum(is_class, axis=0), tf.repeat(block, times)

    def of_epoch(epoch: tf.Tensor) -> tf.data.Dataset:
        planned = tf.ensure_shape(tf.numpy_function(plan, [epoch], tf.int64), (2, len(counts)))
        return tf.data.Dataset.from_tensors(planned).repeat()

    blocks = tf.data.Dataset.zip((records.batch(_BLOCK), epochs.flat_map(of_epoch)))
    return blocks.scan(tf.zeros(len(counts), tf.int64), draw).unbatch()
