"""Metrics that a rare class weighs in as much as a frequent one, exact over the whole epoch."""

from typing import Any

import keras
import tensorflow as tf


def make_metrics(num_classes: int) -> list[keras.metrics.Metric]:
    """Makes the metrics that `training.monitor` may name: accuracy, balanced_accuracy, macro_f1."""
    return [
        keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
        BalancedAccuracy(num_classes),
        MacroF1(num_classes),
    ]


class _ConfusionMetric(keras.metrics.Metric):
    """Sums a confusion matrix over batches; subclasses say what to read from it.

    A mean over batches would be another figure: most batches lack the rare classes altogether.
    """

    def __init__(self, num_classes: int, name: str, **kwargs: Any):
        super().__init__(name=name, **kwargs)
        if num_classes < 2:
            raise ValueError(f"`num_classes` must be at least 2. Received: num_classes={num_classes}")
        self.num_classes = int(num_classes)
        # float32 counts stand still at 2**24.
        self.confusion = self.add_weight(
            name="confusion",
            shape=(self.num_classes, self.num_classes),
            initializer="zeros",
            dtype="float64",
        )

    def update_state(
        self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: tf.Tensor | None = None
    ) -> None:
        labels = tf.cast(tf.reshape(y_true, [-1]), tf.int32)
        predicted = tf.argmax(y_pred, axis=-1, output_type=tf.int32)
        if sample_weight is not None:
            sample_weight = tf.reshape(tf.cast(sample_weight, tf.float64), [-1])
            sample_weight = tf.broadcast_to(sample_weight, tf.shape(labels))
        self.confusion.assign_add(
            tf.math.confusion_matrix(
                labels, tf.reshape(predicted, [-1]), self.num_classes, weights=sample_weight, dtype=tf.float64
            )
        )

    def reset_state(self) -> None:
        self.confusion.assign(tf.zeros((self.num_classes, self.num_classes), tf.float64))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_classes": self.num_classes}


@keras.saving.register_keras_serializable(package="counterpoise")
class MacroF1(_ConfusionMetric):
    """Computes the mean over classes of F1, `2 TP / (2 TP + FP + FN)`.

    The mean goes over the classes that occur, with a weight above 0, among labels or predictions:
    scikit-learn's `f1_score(average="macro", zero_division=0)`. Before any record it is 0.

    Call arguments:
        y_true: Class indices, `(batch,)` or `(batch, 1)`.
        y_pred: Logits or probabilities, `(batch, num_classes)`; the greatest is the prediction.
        sample_weight: Optional weight of each record, `(batch,)`, or one for all.

    Example: labels `[0, 0, 0, 1]` predicted as `[0, 0, 1, 1]` give `(4/5 + 2/3) / 2 = 0.733`.

    Args:
        num_classes: Number of classes, at least 2.
        name: Name of the metric.
        **kwargs: What `keras.metrics.Metric` takes besides.

    Raises:
        ValueError: `num_classes` is below 2.
    """

    def __init__(self, num_classes: int, name: str = "macro_f1", **kwargs: Any):
        super().__init__(num_classes, name=name, **kwargs)

    def result(self) -> tf.Tensor:
        confusion = tf.convert_to_tensor(self.confusion)
        occurrences = tf.reduce_sum(confusion, axis=0) + tf.reduce_sum(confusion, axis=1)
        f1 = tf.math.divide_no_nan(2 * tf.linalg.diag_part(confusion), occurrences)
        return tf.cast(_mean_where(f1, occurrences > 0), tf.float32)


@keras.saving.register_keras_serializable(package="counterpoise")
class BalancedAccuracy(_ConfusionMetric):
    """Computes the mean over classes of recall, `TP / (TP + FN)`.

    The mean goes over the classes that occur, with a weight above 0, among the labels: scikit-learn's
    `balanced_accuracy_score`. Before any record it is 0.

    Call arguments:
        y_true: Class indices, `(batch,)` or `(batch, 1)`.
        y_pred: Logits or probabilities, `(batch, num_classes)`; the greatest is the prediction.
        sample_weight: Optional weight of each record, `(batch,)`, or one for all.

    Example: labels `[0, 0, 0, 1]` predicted as `[0, 0, 1, 1]` give `(2/3 + 1) / 2 = 0.833`.

    Args:
        num_classes: Number of classes, at least 2.
        name: Name of the metric.
        **kwargs: What `keras.metrics.Metric` takes besides.

    Raises:
        ValueError: `num_classes` is below 2.
    """

    def __init__(self, num_classes: int, name: str = "balanced_accuracy", **kwargs: Any):
        super().__init__(num_classes, name=name, **kwargs)

    def result(self) -> tf.Tensor:
        confusion = tf.convert_to_tensor(self.confusion)
        support = tf.reduce_sum(confusion, axis=1)
        recall = tf.math.divide_no_nan(tf.linalg.diag_part(confusion), support)
        return tf.cast(_mean_where(recall, support > 0), tf.float32)


def _mean_where(values: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    kept = tf.cast(mask, values.dtype)
    return tf.math.divide_no_nan(tf.reduce_sum(values * kept), tf.reduce_sum(kept))
