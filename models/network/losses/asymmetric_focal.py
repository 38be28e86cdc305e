"""Focal loss that plays easy negatives down more than easy positives."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from models.network.losses.checks import check_range, cross_entropy
from models.network.losses.class_weighted import ClassWeighted

# Below an exponent of 1 the gradient of x**gamma is infinite at 0, and infinity times 0 is NaN.
_FLOOR = 1e-7


@keras.saving.register_keras_serializable(package="counterpoise")
class AsymmetricFocal(ClassWeighted):
    """Computes the asymmetric loss of one class against each other, on the probabilities of a softmax.

    For a record of class y, with p the softmax of its logits and `q_k = max(p_k - margin, 0)`,

        loss = -w_y * ( (1 - p_y)**gamma_positive * log(p_y)
                        + sum_{k != y} q_k**gamma_negative * log(1 - q_k) )

    The paper has one sigmoid per class, as a record may carry several labels there. Here it carries one and
    the model serves a softmax, so p is the softmax, and the terms of the other classes are kept: they
    punish what is left on each wrong class, none below `margin`, and the more the surer the model is of
    it. Without those terms it would be Focal. Both exponents and `margin` 0 give the cross-entropy plus
    `-sum_{k != y} log(1 - p_k)`.

    Call arguments:
        y_true: Class indices, any numeric dtype, `(batch,)` or `(batch, 1)`.
        y_pred: Logits, float `(batch, num_classes)`.
        sample_weight: Optional weight of each record, `(batch,)`; multiplies the class weight.

    Example: logits `[[0, 0]]`, label 1 with exponents `gamma_positive=1`, `gamma_negative=2`, `margin=0` give
    `(0.5 + 0.25) log 2 = 0.520`.

    Reference: Ridnik et al., "Asymmetric Loss For Multi-Label Classification", 2021,
    https://arxiv.org/abs/2009.14119

    Args:
        gamma_positive: Float, at least 0. The paper's default is 0.
        gamma_negative: Float, at least 0. The paper's default is 4.
        margin: Float in [0, 1); probability of a wrong class that is forgiven. The paper's default is 0.05.
        class_weights: Weights, `(num_classes,)`, each above 0; None weighs all classes by 1.
        name: Name of the loss.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: An argument is out of range, or the shapes of a call do not fit.
    """

    def __init__(
        self,
        gamma_positive: float = 0.0,
        gamma_negative: float = 4.0,
        margin: float = 0.05,
        class_weights: Sequence[float] | None = None,
        name: str = "asymmetric_focal",
        **kwargs: Any,
    ):
        super().__init__(class_weights, name=name, **kwargs)
        self.gamma_positive = check_range("gamma_positive", gamma_positive)
        self.gamma_negative = check_range("gamma_negative", gamma_negative)
        self.margin = check_range("margin", margin, below=1)

    def record_losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        positives = cross_entropy(labels, logits)
        if self.gamma_positive:
            positives *= tf.pow(tf.maximum(-tf.math.expm1(-positives), _FLOOR), self.gamma_positive)
        others = 1 - tf.one_hot(labels, tf.shape(logits)[-1], dtype=tf.float32)
        negatives = tf.reduce_sum(others * self._negative_terms(logits), axis=-1)
        return positives + negatives

    def _negative_terms(self, logits: tf.Tensor) -> tf.Tensor:
        """Computes `-q**gamma_negative * log(1 - q)` for every class, `(batch, num_classes)`."""
        probability = tf.nn.softmax(logits)
        log_complement = _log_one_minus_softmax(logits, probability)
        if self.margin:
            # log(1 - max(p - margin, 0)) = log(min(1 - p + margin, 1))
            log_complement = tf.math.log(tf.minimum(tf.exp(log_complement) + self.margin, 1.0))
        if not self.gamma_negative:
            return -log_complement
        shifted = tf.maximum(probability - self.margin, _FLOOR)
        return -log_complement * tf.pow(shifted, self.gamma_negative)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "gamma_positive": self.gamma_positive,
            "gamma_negative": self.gamma_negative,
            "margin": self.margin,
        }


def _log_one_minus_softmax(logits: tf.Tensor, probability: tf.Tensor) -> tf.Tensor:
    """Computes `log(1 - softmax(logits))`, which stays finite where a probability rounds to 1.

    Only the largest probability of a record can be near 1. For its class, 1 - p is what the other classes
    hold together; for all others 1 - p is at least one half and log1p is exact.
    """
    is_largest = tf.one_hot(tf.argmax(logits, axis=-1), tf.shape(logits)[-1], dtype=tf.float32)
    lowest = logits.dtype.min
    rest = tf.reduce_logsumexp(tf.where(is_largest > 0, lowest, logits), axis=-1, keepdims=True)
    rest -= tf.reduce_logsumexp(logits, axis=-1, keepdims=True)
    # The inner where keeps log1p's infinite gradient at p = 1 out of the outer one's.
    of_the_others = tf.math.log1p(-tf.where(is_largest > 0, 0.0, probability))
    return tf.where(is_largest > 0, rest, of_the_others)
