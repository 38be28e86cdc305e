"""Labels of records that are blends of two."""

import tensorflow as tf


def is_mixed(labels: tf.Tensor) -> bool:
    """Says whether labels are of the form `(batch, 3)`: a label, another one, and the first one's share."""
    return labels.shape.rank == 2 and labels.shape[-1] == 3


def dominant_labels(labels: tf.Tensor) -> tf.Tensor:
    """Returns the one label of each record that metrics count.

    Args:
        labels: Class indices, `(batch,)` or `(batch, 1)`, or the mixed form `(batch, 3)`.

    Returns:
        int32 `(batch,)`.
    """
    labels = tf.convert_to_tensor(labels)
    return tf.cast(labels[:, 0] if is_mixed(labels) else tf.reshape(labels, [-1]), tf.int32)
