"""Average precision of every class against the rest, exact over an evaluation."""

from typing import Any

import keras
import tensorflow as tf

from models.network.kept_scores import KeptScores


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
class MacroAveragePrecision(KeptScores):
    """Computes the mean over classes of average precision, each class against the rest.

    The result is a dict: `macro_average_precision`, the mean over the classes that occur, with a weight
    above 0, among the labels; and, of two classes, `average_precision`, the second one's: classes are
    indexed from the commonest on. Both are NaN but for an evaluation of `num_records` records: see KeptScores,
    which also says what a call takes.

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
        super().__init__(num_classes, num_records, num_figures=2, name=name, **kwargs)

    def scores_of(self, logits: tf.Tensor) -> tf.Tensor:
        scores = tf.nn.softmax(logits)
        return tf.reduce_mean(scores, axis=1) if scores.shape.rank == 3 else scores

    def figures_of(self, scores: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        def of_class(index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            positive = tf.equal(labels, index)
            occurs = tf.reduce_any(positive & (weights > 0))
            return average_precision(tf.gather(scores, index, axis=1), positive, weights), occurs

        precisions, occur = tf.map_fn(
            of_class, tf.range(self.num_classes), fn_output_signature=(tf.float64, tf.bool)
        )
        macro = tf.reduce_mean(tf.boolean_mask(precisions, occur))
        return tf.cast(tf.stack([macro, precisions[1]]), tf.float32)

    def result(self) -> dict[str, tf.Tensor]:
        macro, of_second = self.figures
        return {"macro_average_precision": macro} | (
            {"average_precision": of_second} if self.num_classes == 2 else {}
        )
