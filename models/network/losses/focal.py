"""Cross-entropy that plays easy records down."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from models.network.losses.checks import check_range, cross_entropy
from models.network.losses.class_weighted import ClassWeighted


@keras.saving.register_keras_serializable(package="counterpoise")
class Focal(ClassWeighted):
    """Computes the cross-entropy of softmax, played down for records the model is already sure of.

    For a record of class y, with p the softmax of its logits,

        loss = -w_y * (1 - p_y)**gamma * log(p_y)

    The class weights take the place of the paper's alpha. Computed in float32 whatever the logits'
    dtype. Keras's own focal losses take one-hot labels and, being per class, one weight for all.

    Call arguments:
        y_true: Class indices, any numeric dtype, `(batch,)` or `(batch, 1)`.
        y_pred: Logits, float `(batch, num_classes)`.
        sample_weight: Optional weight of each record, `(batch,)`; multiplies the class weight.

    Example: logits `[[0, 0]]`, label 1 and `gamma=2` give `0.5**2 * log 2 = 0.173`.

    Reference: Lin et al., "Focal Loss for Dense Object Detection", 2017,
    https://arxiv.org/abs/1708.02002

    Args:
        gamma: Float, at least 0; 0 is the cross-entropy. The default is the paper's best.
        class_weights: Weights, `(num_classes,)`, each above 0; None weighs all classes by 1.
        name: Name of the loss.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: An argument is out of range, or the shapes of a call do not fit.
    """

    def __init__(
        self,
        gamma: float = 2.0,
        class_weights: Sequence[float] | None = None,
        name: str = "focal",
        **kwargs: Any,
    ):
        super().__init__(class_weights, name=name, **kwargs)
        self.gamma = check_range("gamma", gamma)

    def record_losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        losses = cross_entropy(labels, logits)
        if self.gamma:
            # 1 - p = -expm1(log p) keeps its digits where p is close to 1. The floor is for the
            # gradient: below gamma = 1 that of x**gamma is infinite at 0, and infinity times a loss
            # of 0 is NaN.
            miss = tf.maximum(-tf.math.expm1(-losses), 1e-7)
            losses *= tf.pow(miss, self.gamma)
        return losses

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gamma": self.gamma}
