"""Checks and terms that the losses share: labels, logits, class weights, class counts."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from models.network.class_weights import checked_counts


def checked_weights(weights: Sequence[float] | None) -> list[float] | None:
    """Returns class weights as a list of floats, `(num_classes,)`, or None.

    Raises:
        ValueError: There is none, or one is no finite number above 0.
    """
    if weights is None:
        return None
    checked = [float(weight) for weight in weights]
    if not checked or not all(0 < weight < float("inf") for weight in checked):
        raise ValueError(
            f"`class_weights` must hold one finite number above 0 per class. Received: class_weights={checked}"
        )
    return checked


def listed_counts(counts: Sequence[float] | np.ndarray) -> list[float]:
    """Returns class counts as a list of floats, `(num_classes,)`, the form that a config can hold.

    Raises:
        ValueError: There are fewer than two classes, or one of them has no record.
    """
    return [float(count) for count in checked_counts(np.asarray(counts))]


def check_range(name: str, value: float, minimum: float = 0.0, below: float = float("inf")) -> float:
    """Returns `value` as a float within `minimum <= value < below`.

    Raises:
        ValueError: It is outside, or NaN.
    """
    if not minimum <= value < below:
        allowed = (
            f"in [{minimum:g}, {below:g})" if below < float("inf") else f"finite and at least {minimum:g}"
        )
        raise ValueError(f"`{name}` must be {allowed}. Received: {name}={value}")
    return float(value)


def labels_and_logits(
    y_true: tf.Tensor,
    y_pred: tf.Tensor,
    class_weights: list[float] | None = None,
    class_counts: list[float] | None = None,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Brings the arguments of a loss's call to one form.

    float16 has no room for a sum of exponentials, so logits are always computed on in float32.

    Args:
        y_true: Class indices, any numeric dtype, `(batch,)` or `(batch, 1)`.
        y_pred: Logits, float `(batch, num_classes)`.
        class_weights: Weights that must be as many as the logits, if any.
        class_counts: Counts that must be as many as the logits, if any.

    Returns:
        Labels, int32 `(batch,)`, and logits, float32 `(batch, num_classes)`.

    Raises:
        ValueError: The shapes do not fit.
    """
    labels, logits = tf.convert_to_tensor(y_true), tf.cast(y_pred, tf.float32)
    if labels.shape.rank == 2 and labels.shape[1] not in (None, 1):
        raise ValueError(
            "Labels must be class indices, `(batch,)` or `(batch, 1)`. "
            f"Received: shape {labels.shape}. Turn one-hot labels into indices with argmax."
        )
    for name, what, values in (
        ("class_weights", "weight", class_weights),
        ("class_counts", "count", class_counts),
    ):
        if values is not None and logits.shape[-1] not in (None, len(values)):
            raise ValueError(
                f"`{name}` must hold one {what} per class. Received: {len(values)} {what}s for "
                f"logits of shape {logits.shape}"
            )
    return tf.cast(tf.reshape(labels, [-1]), tf.int32), logits


def class_values(values: list[float], labels: tf.Tensor) -> tf.Tensor:
    """Looks up the value of each record's class, float32 `(batch,)`."""
    return tf.gather(tf.constant(values, tf.float32), labels)


def weighted(losses: tf.Tensor, labels: tf.Tensor, class_weights: list[float] | None) -> tf.Tensor:
    """Multiplies the losses of records, `(batch,)`, by the weights of their classes."""
    return losses if class_weights is None else losses * class_values(class_weights, labels)


def cross_entropy(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Computes `-log(softmax(logits)[label])` of each record, float32 `(batch,)`."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
