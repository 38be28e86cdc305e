"""Metrics that a rare class weighs in as much as a frequent one, exact over the whole epoch."""

from typing import Any

import keras
import tensorflow as tf

from models.network.average_precision import MacroAveragePrecision
from models.network.mixed_labels import dominant_labels


def make_metrics(num_classes: int, num_eval_records: int | None = None) -> list[keras.metrics.Metric]:
    """Makes the metrics that `training.monitor` may name.

    Args:
        num_classes: Number of classes, at least 2.
        num_eval_records: Number of records of the eval split, for average precision; None leaves it out.

    Returns:
        Metrics whose results are dicts: `accuracy`, `balanced_accuracy`, `macro_f1` and `recall_<index>` for
        every class; `macro_average_precision` and, of two classes, the second one's `average_precision`.
        The latter two are NaN but for an evaluation of `num_eval_records` records.
    """
    metrics: list[keras.metrics.Metric] = [ConfusionFigures(num_classes)]
    if num_eval_records is not None:
        metrics.append(MacroAveragePrecision(num_classes, num_eval_records))
    return metrics


@keras.saving.register_keras_serializable(package="counterpoise")
class ConfusionFigures(keras.metrics.Metric):
    """Computes what the confusion matrix of an epoch tells.

    A mean over batches would be another figure: most batches lack the rare classes altogether. One matrix
    serves all figures, as counting is what costs time in a training step.

    The result is a dict:

    - `accuracy`: share of right answers.
    - `recall_<index>`: `TP / (TP + FN)` of that class, 0 where it does not occur among the labels.
    - `balanced_accuracy`: mean recall of the classes that occur among the labels: scikit-learn's
      `balanced_accuracy_score`.
    - `macro_f1`: mean of `2 TP / (2 TP + FP + FN)` over the classes that occur among labels or predictions:
      scikit-learn's `f1_score(average="macro", zero_division=0)`.

    A class occurs with a weight above 0. Before any record all are 0.

    Call arguments:
        y_true: Class indices, `(batch,)` or `(batch, 1)`, or mixed labels, `(batch, 3)`, of which the first
            is counted.
        y_pred: Logits or probabilities, `(batch, num_classes)`, the greatest is the prediction; or logits
            of several members, `(batch, members, num_classes)`, whose mean probabilities answer. What comes
            after the classes, as a projection in training, is left out.
        sample_weight: Optional weight of each record, `(batch,)`, or one for all.

    Example: labels `[0, 0, 0, 1]` predicted as `[0, 0, 1, 1]` give the recalls `2/3` and `1`, balanced
    accuracy `.833`, macro-F1 `(4/5 + 2/3) / 2 = .733` and accuracy `.75`.

    Args:
        num_classes: Number of classes, at least 2.
        name: Name of the metric.
        **kwargs: What `keras.metrics.Metric` takes besides.

    Raises:
        ValueError: `num_classes` is below 2.
    """

    def __init__(self, num_classes: int, name: str = "confusion_figures", **kwargs: Any):
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
        labels = dominant_labels(y_true)
        scores = tf.convert_to_tensor(y_pred)[..., : self.num_classes]
        if scores.shape.rank == 3:
            scores = tf.reduce_mean(tf.nn.softmax(tf.cast(scores, tf.float32)), axis=1)
        predicted = tf.argmax(scores, axis=-1, output_type=tf.int32)
        if sample_weight is not None:
            sample_weight = tf.reshape(tf.cast(sample_weight, tf.float64), [-1])
            sample_weight = tf.broadcast_to(sample_weight, tf.shape(labels))
        self.confusion.assign_add(
            tf.math.confusion_matrix(
                labels, predicted, self.num_classes, weights=sample_weight, dtype=tf.float64
            )
        )

    def result(self) -> dict[str, tf.Tensor]:
        confusion = tf.convert_to_tensor(self.confusion)
        hits, support, predicted = (
            tf.linalg.diag_part(confusion),
            tf.reduce_sum(confusion, axis=1),
            tf.reduce_sum(confusion, axis=0),
        )
        recall = tf.math.divide_no_nan(hits, support)
        f1 = tf.math.divide_no_nan(2 * hits, support + predicted)
        figures = {
            "accuracy": tf.math.divide_no_nan(tf.reduce_sum(hits), tf.reduce_sum(support)),
            "balanced_accuracy": _mean_where(recall, support > 0),
            "macro_f1": _mean_where(f1, support + predicted > 0),
            **{f"recall_{index}": one for index, one in enumerate(tf.unstack(recall))},
        }
        return {name: tf.cast(figure, tf.float32) for name, figure in figures.items()}

    def reset_state(self) -> None:
        self.confusion.assign(tf.zeros((self.num_classes, self.num_classes), tf.float64))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_classes": self.num_classes}


def _mean_where(values: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    kept = tf.cast(mask, values.dtype)
    return tf.math.divide_no_nan(tf.reduce_sum(values * kept), tf.reduce_sum(kept))
