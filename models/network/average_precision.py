"""Average precision of every class against the rest, exact over an evaluation."""

from typing import Any

import keras
import tensorflow as tf

from models.network.mixed_labels import dominant_labels


def average_precision(scores: tf.Tensor, positive: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Computes the sum over distinct scores, from the highest, of `(R_t - R_(t-1)) P_t`.

    Equal scores are one threshold, as in scikit-learn's `average_precision_score`.

    Args:
        scores: float `(records,)`; larger means more likely positive.
        positive: bool `(records,)`.
        weights: float64 `(records,)`, at least 0.

    Returns:
        float64 `()` in [0, 1]; 0 without a positive.

    Example: scores `[.9, .8, .8, .1]`, of which the first and third are positive, give
    `.5 * 1 + .5 * 2/3 = .833`.
    """
    order = tf.argsort(scores, direction="DESCENDING", stable=True)
    ranked = tf.gather(scores, order)
    all_weights = tf.gather(weights, order)
    hit_weights = tf.where(tf.gather(positive, order), all_weights, 0)
    # Every record stands at the end of those that share its score.
    last = tf.searchsorted(-ranked, -ranked, side="right") - 1
    precision = tf.math.divide_no_nan(
        tf.gather(tf.cumsum(hit_weights), last), tf.gather(tf.cumsum(all_weights), last)
    )
    return tf.math.divide_no_nan(tf.reduce_sum(hit_weights * precision), tf.reduce_sum(hit_weights))


@keras.saving.register_keras_serializable(package="counterpoise")
class MacroAveragePrecision(keras.metrics.Metric):
    """Computes the mean over classes of average precision, each class against the rest.

    All scores are kept until the evaluation's last record, when the figures are computed once; Keras asks
    for a result after every batch, and a sort each time would cost more than the model itself. Before that
    record, and after a further one, the figures are NaN: over training, which is longer, they say nothing.

    The result is a dict: `macro_average_precision`, the mean over the classes that occur, with a weight
    above 0, among the labels; and, of two classes, `average_precision`, the second one's: classes are
    indexed from the commonest on.

    Call arguments:
        y_true: Class indices, `(batch,)` or `(batch, 1)`, or mixed labels, `(batch, 3)`, of which the first
            is counted.
        y_pred: Logits, `(batch, num_classes)` or, of several members whose probabilities are averaged,
            `(batch, members, num_classes)`. What comes after the classes is left out.
        sample_weight: Optional weight of each record, `(batch,)`, or one for all.

    Args:
        num_classes: Number of classes, at least 2.
        num_records: Number of records in an evaluation, at least 1.
        name: Name of the metric.
        **kwargs: What `keras.metrics.Metric` takes besides.

    Raises:
        ValueError: A number is too small.
    """

    def __init__(
        self, num_classes: int, num_records: int, name: str = "macro_average_precision", **kwargs: Any
    ):
        super().__init__(name=name, **kwargs)
        if num_classes < 2 or num_records < 1:
            raise ValueError(
                "`num_classes` must be at least 2 and `num_records` at least 1. "
                f"Received: num_classes={num_classes}, num_records={num_records}"
            )
        self.num_classes, self.num_records = int(num_classes), int(num_records)
        # Plain variables: Keras's own are not written to in slices.
        self._scores = _variable(tf.zeros((self.num_records, self.num_classes)))
        self._labels = _variable(tf.zeros(self.num_records, tf.int32))
        self._weights = _variable(tf.zeros(self.num_records, tf.float64))
        self._seen = _variable(tf.constant(0, tf.int64))
        self._figures = _variable(tf.fill([2], float("nan")))

    # AutoGraph has nothing to convert here, and takes longer to find that out than all steps of a small run.
    @tf.autograph.experimental.do_not_convert
    def update_state(
        self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: tf.Tensor | None = None
    ) -> None:
        start = tf.identity(self._seen)
        labels = dominant_labels(y_true)
        end = start + tf.size(labels, tf.int64)
        self._seen.assign(end)

        def keep() -> tf.Tensor:
            logits = tf.cast(y_pred, tf.float32)[..., : self.num_classes]
            scores = tf.nn.softmax(logits)
            if scores.shape.rank == 3:
                scores = tf.reduce_mean(scores, axis=1)
            weights = tf.reshape(tf.cast(1.0 if sample_weight is None else sample_weight, tf.float64), [-1])
            self._scores[start:end].assign(scores)
            self._labels[start:end].assign(labels)
            self._weights[start:end].assign(tf.broadcast_to(weights, tf.shape(labels)))
            return tf.cond(end == self.num_records, self._compute, _unknown)

        self._figures.assign(tf.cond(end <= self.num_records, keep, _unknown))

    def _compute(self) -> tf.Tensor:
        scores, labels, weights = (tf.identity(kept) for kept in (self._scores, self._labels, self._weights))

        def of_class(index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            positive = tf.equal(labels, index)
            occurs = tf.reduce_any(positive & (weights > 0))
            return average_precision(tf.gather(scores, index, axis=1), positive, weights), occurs

        precisions, occur = tf.map_fn(
            of_class, tf.range(self.num_classes), fn_output_signature=(tf.float64, tf.bool)
        )
        macro = tf.reduce_mean(tf.boolean_mask(precisions, occur))
        return tf.cast(tf.stack([macro, precisions[1]]), tf.float32)

    @tf.autograph.experimental.do_not_convert
    def result(self) -> dict[str, tf.Tensor]:
        macro, of_second = tf.unstack(tf.convert_to_tensor(self._figures))
        return {"macro_average_precision": macro} | (
            {"average_precision": of_second} if self.num_classes == 2 else {}
        )

    def reset_state(self) -> None:
        self._seen.assign(0)
        self._figures.assign(_unknown())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_classes": self.num_classes, "num_records": self.num_records}


def _variable(value: tf.Tensor) -> tf.Variable:
    return tf.Variable(value, trainable=False)


def _unknown() -> tf.Tensor:
    return tf.fill([2], float("nan"))
