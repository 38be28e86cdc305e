"""Cross-entropy of a softmax that counts each class as often as it occurs."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.network.losses.checks import cross_entropy
from models.network.losses.class_weighted import CountBased


@keras.saving.register_keras_serializable(package="counterpoise")
class BalancedSoftmax(CountBased):
    """Computes the cross-entropy of a softmax in which each class counts n_k times.

    For a record of class y, with z its logits and n_k the training records of class k,

        loss = -w_y * log( n_y exp(z_y) / sum_k n_k exp(z_k) )

    Which is LogitAdjusted at `tau=1`: the plain softmax of the logits, as served, then answers as if all
    classes were equally frequent. A bias that starts at the log prior would count the prior twice: start
    it from `bias_counts`.

    Call arguments:
        y_true: Class indices, any numeric dtype, `(batch,)` or `(batch, 1)`.
        y_pred: Logits, float `(batch, num_classes)`.
        sample_weight: Optional weight of each record, `(batch,)`; multiplies the class weight.

    Example: counts `[3, 1]`, logits `[[0, 0]]` and label 1 give `-log(1/4) = 1.386`.

    Reference: Ren et al., "Balanced Meta-Softmax for Long-Tailed Visual Recognition", 2020, equation 4,
    https://arxiv.org/abs/2007.10740

    Args:
        class_counts: Numbers of training records, `(num_classes,)`, each above 0.
        class_weights: Weights, `(num_classes,)`, each above 0; None weighs all classes by 1.
        name: Name of the loss.
        **kwargs: What `keras.losses.Loss` takes besides.

    Raises:
        ValueError: An argument is out of range, or the shapes of a call do not fit.
    """

    def __init__(
        self,
        class_counts: Sequence[float] | np.ndarray,
        class_weights: Sequence[float] | None = None,
        name: str = "balanced_softmax",
        **kwargs: Any,
    ):
        super().__init__(class_counts, class_weights, name=name, **kwargs)

    def record_losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        # Shares in place of counts shift all logits alike, which softmax does not see, and keep them small.
        shares = np.asarray(self.class_counts) / np.sum(self.class_counts)
        balanced = logits + tf.constant(np.log(shares), tf.float32)
        return cross_entropy(labels, balanced)
