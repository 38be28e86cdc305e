"""A loss of embeddings that draws records of a class together and pushes others away."""

from typing import Any

import keras
import tensorflow as tf

from models.network.losses.checks import labels_and_logits


@keras.saving.register_keras_serializable(package="counterpoise")
class SupervisedContrastive(keras.losses.Loss):
    """Computes the supervised contrastive loss of a batch's projections.

    An auxiliary loss, beside one of the logits. With z the projections, scaled to length 1, t the temperature,
    P(i) the other records of i's class in the batch and s_ia = z_i . z_a / t, the loss of record i is

        loss_i = -1 / |P(i)| * sum_{p in P(i)} log( exp(s_ip) / sum_{a != i} exp(s_ia) )

    the paper's L_out. A record alone of its class in the batch has no P(i), and its loss is 0; it still
    stands among the others' negatives. The mean over the batch divides by all records, these included.

    `balanced` takes, in the denominator, the mean over the records of each class in place of their sum, so that
    frequent classes push no harder than rare ones:

        sum_{classes c} 1 / |A_c(i)| * sum_{a in A_c(i)} exp(s_ia),    A_c(i) the records of c without i

    It is the class averaging of balanced contrastive learning; class prototypes, its other half, are not part.

    Call arguments:
        y_true: Class indices, any numeric dtype, `(batch,)` or `(batch, 1)`.
        y_pred: Projections, float `(batch, dim)`.
        sample_weight: Optional weight of each record, `(batch,)`; multiplies loss_i.

    Example: two records of one class with the same projection, and one of another class at a right angle, give
    at temperature 1 `log(1 + 1/e) = 0.313` for the first two and 0 for the third: 0.209 on average.

    Reference: Khosla et al., "Supervised Contrastive Learning", 2020, https://arxiv.org/abs/2004.11362;
    Zhu et al., "Balanced Contrastive Learning for Long-Tailed Visual Recognition", 2022,
    https://arxiv.org/abs/2207.09052

    Args:
        temperature: Float above 0. The default is the paper's.
        balanced: Whether each class counts alike in the denominator.
        name: Name of the loss.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: `temperature` is out of range, or labels are no class indices.
    """

    def __init__(
        self,
        temperature: float = 0.1,
        balanced: bool = False,
        name: str = "supervised_contrastive",
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        if not 0 < temperature < float("inf"):
            raise ValueError(f"`temperature` must be finite and above 0. Received: temperature={temperature}")
        self.temperature = float(temperature)
        self.balanced = bool(balanced)

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        labels, projections = labels_and_logits(y_true, y_pred)
        # Under the root as well as the length, epsilon keeps the gradient of a zero vector finite.
        unit = projections * tf.math.rsqrt(tf.reduce_sum(projections**2, axis=-1, keepdims=True) + 1e-12)
        similarity = tf.matmul(unit, unit, transpose_b=True) / self.temperature
        not_self = 1 - tf.eye(tf.shape(labels)[0])
        same_class = tf.cast(labels[:, tf.newaxis] == labels[tf.newaxis, :], tf.float32)
        positives = same_class * not_self

        pushed = tf.where(not_self > 0, similarity, similarity.dtype.min)
        if self.balanced:
            # Number of records of a's class other than i, for every pair i, a.
            sizes = tf.reduce_sum(same_class, axis=0)[tf.newaxis, :] - same_class
            pushed -= tf.math.log(tf.maximum(sizes, 1.0))
        log_share = similarity - tf.reduce_logsumexp(pushed, axis=-1, keepdims=True)
        num_positives = tf.reduce_sum(positives, axis=-1)
        return -tf.math.divide_no_nan(tf.reduce_sum(positives * log_share, axis=-1), num_positives)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "temperature": self.temperature, "balanced": self.balanced}
