"""Cross-entropy with a weight for each class."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from models.network.losses.checks import check_range, cross_entropy
from models.network.losses.class_weighted import ClassWeighted


@keras.saving.register_keras_serializable(package="counterpoise")
class WeightedCrossEntropy(ClassWeighted):
    """Computes the cross-entropy of softmax, times the weight of the record's class.

    For a record of class y, with p the softmax of its K logits,

        loss = -w_y * sum_k q_k log(p_k),    q_k = (1 - label_smoothing) [k = y] + label_smoothing / K

    Computed in float32 whatever the logits' dtype: float16 has no room for the sum of exponentials.

    Call arguments:
        y_true: Class indices, any numeric dtype, `(batch,)` or `(batch, 1)`.
        y_pred: Logits, float `(batch, num_classes)`.
        sample_weight: Optional weight of each record, `(batch,)`; multiplies the class weight.

    Example: logits `[[0, 0]]` and label 1 with class weights `[1, 3]` give `3 log 2 = 2.079`.

    Args:
        class_weights: Weights, `(num_classes,)`, each above 0; None weighs all classes by 1.
        label_smoothing: Float in [0, 1); share of the target spread evenly over all classes.
        name: Name of the loss.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: An argument is out of range, or the shapes of a call do not fit.
    """

    def __init__(
        self,
        class_weights: Sequence[float] | None = None,
        label_smoothing: float = 0.0,
        name: str = "weighted_cross_entropy",
        **kwargs: Any,
    ):
        super().__init__(class_weights, name=name, **kwargs)
        self.label_smoothing = check_range("label_smoothing", label_smoothing, below=1)

    def record_losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        losses = cross_entropy(labels, logits)
        if self.label_smoothing:
            uniform = -tf.reduce_mean(tf.nn.log_softmax(logits), axis=-1)
            losses = (1 - self.label_smoothing) * losses + self.label_smoothing * uniform
        return losses

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "label_smoothing": self.label_smoothing}
